"""Secrets that Cloud Run mounted as variables when it started the instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class SecretNotMountedError(Exception):
    """The function has no variable with this secret's value."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no secret is mounted as {name}: link the function to the component that provides it")


@dataclass(frozen=True)
class MountedSecrets:
    """A functions.ports.SecretStore; a secret's name is that of the variable whose value it is.

    A variable holds one numbered version for as long as its instance runs, and `fresh` reads nothing else: a rotated
    secret comes with the revision that `pulumi up` makes for it, which takes over from the instances of this one.
    """

    variables: Mapping[str, str] = field(repr=False)

    def get(self, name: str, *, fresh: bool = False) -> str:
        del fresh
        try:
            return self.variables[name]
        except KeyError:
            raise SecretNotMountedError(name) from None
