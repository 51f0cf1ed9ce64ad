"""The whole system on ministack: deployed by the real engine, through a provider that makes what is declared there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from components.config import OrderSystemConfig
from portal.deployment import Deployment, Workspace
from tests.aws.outputs import ACCOUNT, REGION
from tests.e2e.aws.cloud.making import Clients, clients_at
from tests.e2e.aws.cloud.messaging import WEBHOOK
from tests.engine.cli import pulumi_on_path
from tests.engine.systems import PASSPHRASE, STACK
from tests.ministack import Ministack

PROVIDER = Path(__file__).parent / "provider"
VARIABLES = {"AUTH": "true", "MINISTACK_REGION": REGION, "MINISTACK_ACCOUNT_ID": ACCOUNT}
"""IAM is on, and whoever is nobody else is the account itself."""
LAUNCHER = Path(__file__).parent / "_ministack_as_aws.py"
LEVELLED = (
    "Requests arrive as if over TLS, since policies refuse all others.",
    "IAM knows dynamodb:LeadingKeys, events:source and events:detail-type, and the tag of a session where a policy "
    "names it. ministack has none of them at hand; given them, it decides as by any other condition.",
    "The five things that tests/conformance/saga/engines/step_functions.py lists of ResultSelector, branches, "
    "MaxDelaySeconds, 256 KiB and awslambdaric.",
)
"""Where ministack is made to be what AWS is; all else is as ministack plays it."""
ORIGIN = "https://shop.example"
SECRET = "of-the-tests-alone"  # noqa: S105
SETTINGS: Mapping[str, Any] = {
    "stage": "dev",
    "target": "aws",
    "aws": {"region": REGION, "account": ACCOUNT},
    "api": {"cors_origins": [ORIGIN]},
    "notification": {"webhook_url": "https://operations.example/orders", "webhook_secret": SECRET},
}


@dataclass(frozen=True)
class AwsSystem:
    """One stack in one ministack; `outputs` are what it exports."""

    cloud: Ministack
    outputs: Mapping[str, Any]

    @cached_property
    def clients(self) -> Clients:
        """The account's own."""
        return clients_at(self.cloud.address, REGION)

    def reachable(self, url: str) -> str:
        """An API's address, where it answers: AWS's own names lead to AWS."""
        there = urlsplit(url)
        api_id = (there.hostname or "").partition(".")[0]
        return f"http://{self.cloud.address}/_aws/execute-api/{api_id}{there.path or '/$default'}"


@contextmanager
def deployed(folder: Path, *, webhook: str, **settings: object) -> Iterator[AwsSystem]:
    """A system that ends with its ministack. Operations are told at `webhook`; `settings` replace those of SETTINGS."""
    with Ministack([LAUNCHER], VARIABLES) as cloud, pulumi_on_path(), _provider_on_path(cloud, webhook):
        yield AwsSystem(cloud, _deployment(folder, {**SETTINGS, **settings}).up().outputs)


def _deployment(folder: Path, settings: Mapping[str, Any]) -> Deployment:
    state = folder / "state"
    state.mkdir()
    workspace = Workspace(state=state.as_uri(), passphrase=PASSPHRASE, folder=folder / "work")
    return Deployment(OrderSystemConfig.parse(dict(settings)), STACK, workspace=workspace)


@contextmanager
def _provider_on_path(cloud: Ministack, webhook: str) -> Iterator[None]:
    """Before any other provider of AWS that the machine may have."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{PROVIDER}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("ORDERLY_MINISTACK", cloud.address)
        patch.setenv(WEBHOOK, webhook)
        yield
