"""The way from a contract to what AWS has behind it, which the other components here need and the contract keeps."""

from __future__ import annotations

from typing import Protocol, TypeVar

from components.errors import WiringError

Own = TypeVar("Own")


class Named(Protocol):
    """A component, its foundation or an identity."""

    @property
    def name(self) -> str: ...


def own(given: Named, kind: type[Own]) -> Own:
    """`given` itself if it is of this kind, as a role is an identity, else what its class here keeps as `_own`.

    WiringError for what another target has made.
    """
    for found in (given, getattr(given, "_own", None)):
        if isinstance(found, kind):
            return found
    raise WiringError(
        f"{given.name} is of {type(given).__module__} and has no {kind.__name__} on AWS; make both from components.aws"
    )
