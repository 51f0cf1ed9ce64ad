"""Who the functions are, and what they load to be it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from azure.identity import ManagedIdentityCredential

from functions.adapters.azure.clients import Clients
from functions.environment import Environment, MissingVariableError, Variable

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {"azure.cosmos", "azure.identity"}


def test_a_function_is_its_apps_own_identity() -> None:
    clients = Clients(Environment({Variable.CLIENT_ID: "6d3b5f2c-0000-4000-8000-000000000002"}))
    assert isinstance(clients.credential, ManagedIdentityCredential)
    assert clients.credential is clients.credential


def test_a_function_without_an_identity_does_not_take_any_that_it_finds() -> None:
    with pytest.raises(MissingVariableError, match="AZURE_CLIENT_ID"):
        Clients(Environment({})).credential  # noqa: B018 -- making it is what is refused


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
