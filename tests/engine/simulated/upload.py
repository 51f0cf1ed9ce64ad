"""An asset or an archive on its way between engine and provider: a text, since the SDK would drop its digest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.rpc import _special_archive_sig, _special_asset_sig, _special_sig_key

MARK = f"upload {_special_sig_key} "
"""Pulumi's own key, so that no input begins like this."""
SIGNATURES = (_special_asset_sig, _special_archive_sig)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """`path` is empty where it comes from the state, or of what is only known to be there."""

    signature: str
    digest: str
    path: str

    @property
    def value(self) -> pulumi.Asset | pulumi.Archive:
        return pulumi.FileAsset(self.path) if self.signature == _special_asset_sig else pulumi.FileArchive(self.path)

    @property
    def text(self) -> str:
        return MARK + json.dumps(asdict(self))

    def with_digest(self, digest: str) -> Upload:
        """What is no longer what it was is nowhere here."""
        return self if digest == self.digest else replace(self, digest=digest, path="")


def upload(value: object) -> Upload | None:
    """None for any other value."""
    is_one = isinstance(value, str) and value.startswith(MARK)
    return Upload(**json.loads(str(value).removeprefix(MARK))) if is_one else None


def uploads(values: Mapping[str, object]) -> dict[str, Upload]:
    """Those among the values, which are never deeper than this."""
    return {name: found for name, value in values.items() if (found := upload(value))}


def paths(values: Mapping[str, object]) -> dict[str, Path]:
    return {name: Path(found.path) for name, found in uploads(values).items() if found.path}


def digests(values: Mapping[str, Any]) -> dict[str, Any]:
    """Each is its digest, so that one at another place is no other."""
    return {**values, **{name: found.digest for name, found in uploads(values).items()}}
