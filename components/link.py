"""A link is a grant and the environment variables that go with it, so neither is ever given without the other.

A function is wired by the list of its links. Its trigger is a link too, with one more step: once the function exists,
it is attached to what calls it. That order breaks every circle: the queue is made first, the function next with its
right to consume and the queue's name, the subscription that needs the function's address last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pulumi

from components.errors import WiringError
from components.identity import Grant, Identity

if TYPE_CHECKING:
    from components.function import Function

Variables = Mapping[str, pulumi.Input[str]]
"""By names of functions.environment.Variable, or by what a target's own triggers read."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """`grant` None: what the variables name is public, as an issuer's keys are."""

    grant: Callable[[Identity], Grant] | None = None
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Trigger(Link):
    """What calls the function; `attach` is called once, when the function exists."""

    attach: Callable[[Function], None]


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
