"""Who the functions are, and what they load to be it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError
from azure.identity import CredentialUnavailableError, ManagedIdentityCredential

from functions.adapters.azure import layout
from functions.adapters.azure.clients import AzureUnavailableError, Clients
from functions.adapters.azure.items import Items
from functions.environment import Environment, MissingVariableError, Variable
from tests.azure.cosmos_fake import CosmosFake
from tests.azure.loopback_clients import LoopbackClients, LoopbackCredential

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {"azure.cosmos", "azure.identity"}


def test_a_function_is_its_apps_own_identity() -> None:
    clients = Clients(Environment({Variable.CLIENT_ID: "6d3b5f2c-0000-4000-8000-000000000002"}))
    assert isinstance(clients.credential, ManagedIdentityCredential)
    assert clients.credential is clients.credential


def test_a_function_without_an_identity_does_not_take_any_that_it_finds() -> None:
    with pytest.raises(MissingVariableError, match="AZURE_CLIENT_ID"):
        Clients(Environment({})).credential  # noqa: B018 -- making it is what is refused


@pytest.fixture(
    params=[ClientAuthenticationError, CredentialUnavailableError, ServiceRequestError, ServiceResponseError]
)
def nobody(request: pytest.FixtureRequest, fake: CosmosFake) -> Iterator[LoopbackClients]:
    """Clients of an app whose identity endpoint answers badly, has no identity, is not there or hangs up."""

    class Identityless(LoopbackCredential):
        def get_token(self, *_: str, **__: object) -> AccessToken:
            raise request.param("no token")

    environment = Environment({Variable.COSMOS_ENDPOINT: fake.endpoint, Variable.DATABASE: "orders"})
    clients = LoopbackClients(environment)
    vars(clients)["credential"] = Identityless()
    with closing(clients):
        yield clients


def test_a_token_that_is_not_to_be_had_may_be_asked_for_later(nobody: LoopbackClients) -> None:
    with pytest.raises(AzureUnavailableError, match="the app's identity gave no token"):
        nobody.token_for("https://storage.azure.com/.default")()


def test_cosmos_db_may_be_asked_later_by_who_gets_no_token_now(nobody: LoopbackClients, fake: CosmosFake) -> None:
    items = Items(lambda: nobody.database.get_container_client(layout.INVENTORY), "partition")
    with pytest.raises(AzureUnavailableError):
        items.get("stock", "one")
    assert fake.calls == []


@pytest.mark.parametrize(
    ("modules", "loaded"),
    [
        ("ports", set()),
        ("archive, events", set()),
        ("orders, inventory", {"azure.cosmos"}),
        ("workflow", {"azure.cosmos"}),
    ],
)
def test_a_function_loads_what_it_uses(modules: str, loaded: set[str]) -> None:
    report = f"import sys; from functions.adapters.azure import {modules}; print(*{HEAVY} & sys.modules.keys())"
    finished = subprocess.run([sys.executable, "-c", report], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(finished.stdout.split()) == loaded
