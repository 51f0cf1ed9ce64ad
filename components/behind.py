"""The way from a contract to what its target has behind it, which the target's other components need."""

from __future__ import annotations

from typing import Protocol, TypeVar

from components.errors import WiringError

Kind = TypeVar("Kind")


class Named(Protocol):
    """A component, its foundation or an identity."""

    @property
    def name(self) -> str: ...


def behind(given: Named, kind: type[Kind]) -> Kind:
    """`given` itself if it is of this kind, as a role is an identity, else what its class keeps as `_behind`.

    That is one thing, or a tuple of several. WiringError for what another target has made, or has made without it.
    """
    kept = getattr(given, "_behind", ())
    for found in (given, *(kept if isinstance(kept, tuple) else (kept,))):
        if isinstance(found, kind):
            return found
    advice = "" if _target(type(given)) == _target(kind) else "; make both by one target"
    raise WiringError(f"{given.name} is of {type(given).__module__} and has no {kind.__name__} behind it{advice}")


def _target(kind: type[object]) -> list[str]:
    """As in `components.gcp`."""
    return kind.__module__.split(".")[:2]
