"""What the provider asks of whatever holds the resources: a file here, or something that speaks a cloud's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from local_provider.errors import LocalError
from tests.registration import Registration


class CloudError(LocalError):
    """What the cloud answers when it refuses; the user reads it as it is written."""


@dataclass(frozen=True, kw_only=True)
class Asked(Registration):
    """A resource as the program wants it. `files` has the path of each input that is an asset or an archive."""

    files: Mapping[str, Path]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A resource as it is: what it was given, and what was computed."""

    id: str
    inputs: Mapping[str, Any]
    computed: Mapping[str, Any]


class Cloud(Protocol):
    """Everything is in plain values; an asset or an archive is the digest of its bytes."""

    def create(self, asked: Asked) -> Found:
        """CloudError if there is such a resource already, or it cannot be made."""
        ...

    def read(self, type_token: str, resource_id: str) -> Found | None: ...

    def update(self, asked: Asked, resource_id: str) -> Found:
        """CloudError if there is no such resource."""
        ...

    def delete(self, type_token: str, resource_id: str) -> None:
        """CloudError if it is protected; nothing if it is gone already."""
        ...
