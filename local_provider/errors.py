"""What a provider refuses, each as text for the person who runs `pulumi`; none of it ever shows a traceback."""

from __future__ import annotations

from typing import Any


class ProviderError(Exception):
    """The operation was not done; the text says why and what to do next."""


class LocalError(ProviderError):
    """It has to do with this machine."""


class UnhealthyError(LocalError):
    """The resource is there and does not work: `outputs` go into the state, and the next `up` tries to mend it."""

    def __init__(self, reason: str, outputs: dict[str, Any]) -> None:
        super().__init__(reason)
        self.outputs = outputs
