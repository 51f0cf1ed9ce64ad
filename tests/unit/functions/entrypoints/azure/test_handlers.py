"""Every handler is there by its name, and loads what it needs and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from functions.entrypoints.azure.handlers import ADAPTERS, MODULES, UnknownHandlerError, app_of

ROOT = Path(__file__).parents[5]
SDKS = {
    "azure.cosmos": {"api", "fulfil", "project_demand", "notify_customer", "cleanup"}
    | {name for name, module in MODULES.items() if module == "tasks"},
    "azure.durable_functions": {"workflow"},
    "azure.identity": set[str](),
}
"""Which handlers load them before their first call."""


def loaded(name: str) -> set[str]:
    """What a new interpreter has loaded once the worker has indexed the app."""
    script = (
        "import sys\nfrom functions.entrypoints.azure.handlers import app_of\n"
        f"app_of({name!r}).get_functions()\nprint(*sys.modules, sep='\\n')"
    )
    finished = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(finished.stdout.split())


@pytest.mark.parametrize("name", MODULES)
def test_an_app_is_made_of_its_handler_and_loads_no_more_than_that_needs(name: str) -> None:
    modules = loaded(name)
    assert {sdk for sdk in SDKS if sdk in modules} == {sdk for sdk, users in SDKS.items() if name in users}
    assert ("functions.api.dispatch" in modules) is (name == "api")
    assert modules.isdisjoint({"pydantic", "pulumi", "botocore", "google.auth", "jwt", "pybreaker", "starlette"})
    ours = {module for module in modules if module.startswith("functions.entrypoints.azure.")}
    others = {f"functions.entrypoints.azure.{module}" for module in set(MODULES.values()) - {MODULES[name]}}
    assert ours.isdisjoint(others)


def test_every_handler_has_its_adapters() -> None:
    assert MODULES.keys() == ADAPTERS.keys()


def test_a_name_that_is_no_handlers_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnknownHandlerError, match=r"no handler orders, only api, relay.*correct ORDERLY_HANDLER"):
        app_of("orders")
