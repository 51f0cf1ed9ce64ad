"""The whole system on Azure as it is played here: the real engine deploys it, and what it recorded starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3

from components.config import OrderSystemConfig
from portal.deployment import Deployment, Workspace
from tests.e2e.azure.world.world import World, hosts, playing
from tests.e2e.webhook import Webhook
from tests.e2e.world.http import Reply
from tests.e2e.world.internet import Internet, internet
from tests.e2e.world.records import Records
from tests.e2e.world.sign_in import AUDIENCE, HOST, ISSUER, KEYS_URL, Issuer
from tests.engine.azure.azure import simulated_azure
from tests.engine.azure.shop import block
from tests.engine.cli import pulumi_on_path
from tests.engine.systems import PASSPHRASE, STACK

ORIGIN = "https://shop.example"
OPERATIONS = "operations.example"
SECRET = "of-the-tests-alone"  # noqa: S105
SETTINGS: Mapping[str, Any] = {
    "stage": "dev",
    "target": "azure",
    "azure": block(),
    "api": {
        "cors_origins": [ORIGIN],
        "token": {"issuer": ISSUER, "audience": AUDIENCE, "keys_url": KEYS_URL},
    },
    "queues": {"max_concurrency": 2},
    "notification": {"webhook_url": f"https://{OPERATIONS}/orders", "webhook_secret": SECRET},
}


@dataclass(frozen=True)
class AzureSystem:
    """One stack in one world; `outputs` are what it exports."""

    world: World
    outputs: Mapping[str, Any]
    issuer: Issuer
    webhook: Webhook


@dataclass(frozen=True)
class Deployed:
    """`code` has the digest of the package that was posted to each app, by the app's name."""

    records: Records
    code: Mapping[str, str]
    outputs: Mapping[str, Any]


@contextmanager
def deployed(folder: Path, **settings: object) -> Iterator[AzureSystem]:
    """A system that ends with its world; `settings` replace those of SETTINGS."""
    with started(folder, _deployed(folder, {**SETTINGS, **settings})) as system:
        yield system


@contextmanager
def started(folder: Path, found: Deployed) -> Iterator[AzureSystem]:
    issuer, outside = Issuer(), internet(folder, [HOST, OPERATIONS, *hosts(found.records)])
    with ExitStack() as opened:
        webhook = opened.enter_context(Webhook(outside.tls))
        outside.ports[HOST] = opened.enter_context(issuer.served(outside.tls)).port
        outside.ports[OPERATIONS] = webhook.server_port
        post, apps = partial(_post, outside), folder / "apps"
        world = opened.enter_context(playing(found.records, found.code, apps, outside, issuer.document, post))
        yield AzureSystem(world, found.outputs, issuer, webhook)


def _deployed(folder: Path, settings: Mapping[str, Any]) -> Deployed:
    state, cloud = folder / "state", folder / "cloud"
    state.mkdir()
    cloud.mkdir()
    workspace = Workspace(state=state.as_uri(), passphrase=PASSPHRASE, folder=folder / "work")
    with pulumi_on_path(), simulated_azure(cloud) as azure:
        outputs = Deployment(OrderSystemConfig.parse(dict(settings)), STACK, workspace=workspace).up().outputs
        records = Records(azure.account.resources(), azure.account.folder / "files")
        return Deployed(records, dict(azure.sites.code), outputs)


def _post(outside: Internet, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Reply:
    """As a Logic App posts to an address of the internet."""
    parts = urlsplit(url)
    host = str(parts.hostname)
    with urllib3.HTTPSConnectionPool(
        "127.0.0.1",
        outside.ports[host],
        ca_certs=str(outside.authority),
        assert_hostname=host,
        server_hostname=host,
        retries=False,
        timeout=seconds,
    ) as there:
        try:
            reply = there.request("POST", parts.path, body=body, headers={**headers, "Host": host})
        except urllib3.exceptions.HTTPError as error:
            raise OSError(f"{host} did not answer: {type(error).__name__}") from error
    return Reply(status=reply.status, headers=tuple(reply.headers.items()), body=reply.data)
