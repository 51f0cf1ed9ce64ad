"""A link is a grant and the environment variables that go with it, so neither is ever given without the other.

A function is wired by the list of its links.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.errors import WiringError
from components.identity import Grant, Identity

Variables = Mapping[str, pulumi.Input[str]]
"""By names of functions.environment.Variable, or by what a target's own triggers read."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """`grant` None: what the variables name is public, as an issuer's keys are."""

    grant: Callable[[Identity], Grant] | None = None
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """What a function gets from its links, taken together."""

    grants: tuple[Grant, ...]
    variables: dict[str, pulumi.Input[str]]


def wire(function: str, identity: Identity, links: Sequence[Link]) -> Wiring:
    """Grant every link to the identity. WiringError when two links mean different things by one variable."""
    variables: dict[str, pulumi.Input[str]] = {}
    for link in links:
        for variable, value in link.variables.items():
            if variables.setdefault(variable, value) is not value:
                raise WiringError(f"function {function}: two of its links set {variable}; link it to one of them only")
    granted = dict.fromkeys(link.grant(identity) for link in links if link.grant)
    return Wiring(grants=tuple(granted), variables=variables)
