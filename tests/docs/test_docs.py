"""The prose keeps its word: commands exist, paths exist, examples run, decisions name what enforces them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from components import parity
from components.saga import definition as form
from components.saga.artefacts import artefacts
from components.saga.order import ORDER_SAGA
from tests.conformance.saga import shown, test_rules

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))

_TARGET_IN_MAKEFILE = re.compile(r"^([a-z][a-z0-9-]*):", re.MULTILINE)
_MAKE_COMMAND = re.compile(r"(?:^|`)make(?: -s)? ([a-z][a-z0-9-]*)", re.MULTILINE)
_PATH_IN_BACKTICKS = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
_PYTHON_EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_WRITTEN_AT_RUN_TIME = (".orderly/", ".venv/")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_make_command_in_the_text_exists(page: Path) -> None:
    offered = set(_TARGET_IN_MAKEFILE.findall((ROOT / "Makefile").read_text()))
    assert set(_MAKE_COMMAND.findall(page.read_text())) <= offered


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_path_in_the_text_exists(page: Path) -> None:
    named = {path for path in _PATH_IN_BACKTICKS.findall(page.read_text()) if not path.startswith(_WRITTEN_AT_RUN_TIME)}
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("page", DECISIONS, ids=_name)
def test_every_decision_says_what_enforces_it(page: Path) -> None:
    assert re.search(r"^Enforced by .+`", page.read_text(), re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(code, id=f"{_name(page)}-{number}")
        for page in PAGES
        for number, code in enumerate(_PYTHON_EXAMPLE.findall(page.read_text()), start=1)
    ],
)
def test_every_python_example_runs(example: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_the_parity_page_is_current() -> None:
    assert (ROOT / "docs" / "parity.md").read_text(encoding="utf-8") == parity.page()


def test_the_parity_page_has_every_contract() -> None:
    contracts = {path.stem for path in (ROOT / "components" / "local").glob("*.py") if not path.stem.startswith("_")}
    assert set(parity.CONTRACTS) == contracts


def test_the_limits_of_a_saga_are_those_of_its_form() -> None:
    text = (ROOT / "docs" / "saga.md").read_text(encoding="utf-8")
    limits = {
        "steps of a saga": str(form.MAX_STEPS),
        "branches of a parallel": "{} to {}".format(*form.BRANCHES),
        "cases of a choice": "{} to {}".format(*form.CASES),
        "attempts": "{} to {}".format(*form.ATTEMPTS),
        "a timeout": "{} to {} seconds, whole".format(*form.TIMEOUT_SECONDS),
        "the first wait": "{} to {} seconds, whole".format(*form.INTERVAL_SECONDS),
        "the factor of waits": "{} to {}".format(*form.FACTOR),
        "the longest wait": "{} to {} seconds, whole".format(*form.CAP_SECONDS),
        "data of a run": f"{form.MAX_DATA_BYTES} bytes of JSON",
    }
    assert [row for row in limits.items() if "| {} | {} |".format(*row) not in text] == []


def test_every_rule_of_a_saga_has_a_test_of_its_name() -> None:
    tests = {name for name, value in vars(test_rules).items() if name.startswith("test_") and callable(value)}
    assert tests == set(shown.rules())


@pytest.mark.parametrize("name", ["README.md", "step-functions.json", "workflows.json", "durable.json"])
def test_what_the_order_saga_becomes_is_current(name: str) -> None:
    shown = (ROOT / "docs" / "order-saga" / name).read_text(encoding="utf-8")
    assert shown == artefacts(ORDER_SAGA)[name], "run `make parity`"
