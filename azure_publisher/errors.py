"""Why a package was not published, each as text for the person who runs `pulumi`."""

from __future__ import annotations

from local_provider.errors import ProviderError


class PublishError(ProviderError):
    """The app does not run this package; the text says why and what to do next."""


class NotYetError(Exception):
    """The app refuses what it takes a few minutes later by itself; `remedy` is for when it does not."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy
