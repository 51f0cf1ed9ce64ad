"""The whole system on Google Cloud as it is played here: the real engine deploys it, and what it recorded starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.config import OrderSystemConfig
from portal.deployment import Deployment, Workspace
from tests.e2e.gcp.world.world import World, playing
from tests.e2e.webhook import Webhook
from tests.e2e.world.internet import internet
from tests.e2e.world.records import Records
from tests.e2e.world.sign_in import AUDIENCE, HOST, ISSUER, KEYS_URL, Issuer
from tests.engine.cli import pulumi_on_path
from tests.engine.simulated.account import simulated
from tests.engine.systems import PASSPHRASE, STACK
from tests.gcp.outputs import PROJECT, REGION

ORIGIN = "https://shop.example"
OPERATIONS = "operations.example"
SECRET = "of-the-tests-alone"  # noqa: S105
SETTINGS: Mapping[str, Any] = {
    "stage": "dev",
    "target": "gcp",
    "gcp": {"project": PROJECT, "region": REGION},
    "api": {
        "cors_origins": [ORIGIN],
        "token": {"issuer": ISSUER, "audience": AUDIENCE, "keys_url": KEYS_URL},
    },
    "queues": {"max_concurrency": 2},
    "notification": {"webhook_url": f"https://{OPERATIONS}/orders", "webhook_secret": SECRET},
}


@dataclass(frozen=True)
class GcpSystem:
    """One stack in one world; `outputs` are what it exports."""

    world: World
    outputs: Mapping[str, Any]
    issuer: Issuer
    webhook: Webhook


@contextmanager
def deployed(folder: Path, **settings: object) -> Iterator[GcpSystem]:
    """A system that ends with its world; `settings` replace those of SETTINGS."""
    issuer, outside = Issuer(), internet(folder, [HOST, OPERATIONS])
    with ExitStack() as opened:
        webhook = opened.enter_context(Webhook(outside.tls))
        outside.ports[HOST] = opened.enter_context(issuer.served(outside.tls)).port
        outside.ports[OPERATIONS] = webhook.server_port
        records, outputs = _deployed(folder, {**SETTINGS, **settings})
        world = opened.enter_context(playing(records, folder / "functions", outside, issuer.document))
        yield GcpSystem(world, outputs, issuer, webhook)


def _deployed(folder: Path, settings: Mapping[str, Any]) -> tuple[Records, Mapping[str, Any]]:
    state, cloud = folder / "state", folder / "cloud"
    state.mkdir()
    cloud.mkdir()
    workspace = Workspace(state=state.as_uri(), passphrase=PASSPHRASE, folder=folder / "work")
    with pulumi_on_path(), simulated("gcp", cloud) as account:
        outputs = Deployment(OrderSystemConfig.parse(dict(settings)), STACK, workspace=workspace).up().outputs
        return Records(account.resources(), account.folder / "files"), outputs
