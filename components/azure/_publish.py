"""The resource by which an app gets its code: our own provider posts the package to the app, as whoever deploys.

The provider of Azure cannot: it uploads blobs by the account's key, and an upload alone deploys nothing.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pulumi

from components.packing import ROOT


class Package(pulumi.CustomResource):
    """What it publishes is what `digest` says; where the file is on this machine makes no difference."""

    deployment: pulumi.Output[str]
    """The app's own id of what it deployed."""

    def __init__(
        self,
        name: str,
        *,
        app: pulumi.Input[str],
        address: pulumi.Input[str],
        package: Path,
        tenant: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {
            "app": app,
            "address": address,
            "package": _shortest(package),
            "digest": hashlib.sha256(package.read_bytes()).hexdigest(),
            "tenant": tenant,
        }
        super().__init__("azurepublisher:index:Package", name, {**inputs, "deployment": None}, opts)


def _shortest(package: Path) -> str:
    """From the project's folder, in which pulumi runs."""
    return package.relative_to(ROOT).as_posix() if package.is_relative_to(ROOT) else str(package)
