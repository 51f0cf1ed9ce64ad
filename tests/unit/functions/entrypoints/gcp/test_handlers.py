"""Every handler is there by its name, and loads what it needs and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from functions.entrypoints.gcp import handlers
from functions.entrypoints.gcp.handlers import ADAPTERS, MODULES

ROOT = Path(__file__).parents[5]
MAIN = ROOT / "functions/entrypoints/gcp/main.py"
SDKS = {
    "google.cloud.firestore": {"api", "fulfil", "project_demand", "notify_customer", "cleanup"}
    | {name for name, module in MODULES.items() if module == "tasks"},
    "google.pubsub_v1": {"relay"},
    "google.cloud.workflows.executions": {"fulfil"},
    "google.cloud.storage": {"archive_events"},
}
"""Which handlers load them before their first request."""


def loaded(name: str) -> set[str]:
    """What a new interpreter has loaded once functions-framework has its function."""
    script = (
        "import sys\nfrom functions_framework import create_app\n"
        f"create_app({name!r}, {str(MAIN)!r})\nprint(*sys.modules, sep='\\n')"
    )
    finished = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(finished.stdout.split())


@pytest.mark.parametrize("name", MODULES)
def test_functions_framework_finds_a_handler_which_loads_no_more_than_it_needs(name: str) -> None:
    modules = loaded(name)
    assert {sdk for sdk in SDKS if sdk in modules} == {sdk for sdk, users in SDKS.items() if name in users}
    assert ("functions.api.dispatch" in modules) is (name == "api")
    assert modules.isdisjoint({"pydantic", "pulumi", "botocore", "jwt", "pybreaker", "local_runtime", "starlette"})


def test_every_handler_has_its_adapters() -> None:
    assert MODULES.keys() == ADAPTERS.keys()


def test_a_name_that_is_no_handlers_is_refused_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match="no handler orders, only api, relay"):
        handlers.orders  # noqa: B018 -- asking for it is the test
