"""The whole order system on the simulated Azure, as the tests deploy it by the Automation API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.config import OrderSystemConfig
from portal.deployment import Deployment, Workspace
from tests.engine.systems import PASSPHRASE, STACK
from tests.graph import OWN_API, OWN_BLOCKS

SECRET = "the-secret-of-the-hook"  # noqa: S105
SETTINGS: Mapping[str, Any] = {
    "stage": "dev",
    "target": "azure",
    **OWN_BLOCKS["azure"],
    "api": OWN_API["azure"],
    "notification": {"webhook_url": "https://hooks.example/orders", "webhook_secret": SECRET},
}
REMAIN = {"Secret"}
"""What is left when a system has gone: what is in its vault, which Azure keeps for days."""


def block(**settings: object) -> dict[str, object]:
    """The target's own block with these settings besides."""
    return {**SETTINGS["azure"], **settings}


@dataclass(frozen=True)
class Shop:
    folder: Path

    def deployment(self, **settings: object) -> Deployment:
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        workspace = Workspace(state=state.as_uri(), passphrase=PASSPHRASE, folder=self.folder / "work")
        return Deployment(OrderSystemConfig.parse({**SETTINGS, **settings}), STACK, workspace=workspace)
