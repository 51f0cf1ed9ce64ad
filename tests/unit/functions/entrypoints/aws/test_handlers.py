"""Every handler is there by its name, and loads what it needs and no more."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from components.aws.function import ENTRY_POINTS
from functions.entrypoints.aws import handlers

ROOT = Path(__file__).parents[5]
EACH_HANDLER = pytest.mark.parametrize("name", handlers.MODULES)


def loaded(name: str) -> set[str]:
    """What a new interpreter has loaded once Lambda's runtime has its handler."""
    script = f"import sys\nfrom {ENTRY_POINTS} import {name}\nprint(callable({name}))\nprint(*sys.modules, sep='\\n')"
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT,
        env={**os.environ, "LAMBDA_TASK_ROOT": "/var/task"},
        capture_output=True,
        text=True,
        check=True,
    )
    is_callable, *modules = finished.stdout.split()
    assert is_callable == "True"
    return set(modules)


@EACH_HANDLER
def test_a_handler_loads_no_more_than_it_needs(name: str) -> None:
    modules = loaded(name)
    batch = "aws_lambda_powertools.utilities.batch"
    assert (batch in modules) is (handlers.MODULES[name] == "messages")
    # Powertools imports the package itself, which is nothing much, to sign its name in the user agent.
    assert ("botocore.client" in modules) is (name not in handlers.WITHOUT_SDK)
    assert ("functions.api.dispatch" in modules) is (name == "api")
    assert modules.isdisjoint({"pydantic", "pulumi", "boto3", "jwt", "cryptography", "pybreaker", "local_runtime"})


@EACH_HANDLER
def test_a_handler_has_the_name_that_its_traces_have(name: str) -> None:
    assert getattr(import_module(f"functions.entrypoints.aws.{handlers.MODULES[name]}"), name).__name__ == name


def test_a_name_that_is_no_handlers_is_refused_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match="no handler orders, only api, relay"):
        handlers.orders  # noqa: B018 -- asking for it is the test
