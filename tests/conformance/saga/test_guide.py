"""The change that docs/guide/your-own-saga.md makes, made to a copy of the sources and run on every engine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.saga.engines import ENGINES

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "guide" / "your-own-saga.md"
SOURCES = ("components", "functions", "local_runtime", "local_provider", "tests", "docs", "tools", "pyproject.toml")
SUSPICIOUS = """
from functions.domain.order import Line
from tests.unit.functions.services.memory import MemoryInventory
from tests.unit.functions.services.saga_shop import SagaRun, Shop
shop = Shop(stock=MemoryInventory(initial_units=100))
shop.place(Line(sku="TEAPOT", quantity=51, unit_price_minor=1))
end = SagaRun(shop).run()
print(shop.order().status, end.failure.step if end.failure else "")
"""


def the_diff() -> str:
    (diff,) = re.findall(r"^```diff\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(diff)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources with the guide's change in them."""
    copy = tmp_path_factory.mktemp("own-saga")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    (copy / ".engines").symlink_to(ROOT / ".engines")
    if applies(copy, "--check", "--reverse"):
        pytest.skip("somebody has followed the guide: its change is in the sources")
    assert applies(copy)
    return copy


def applies(folder: Path, *options: str) -> bool:
    command = ["git", "apply", *options]
    ended = subprocess.run(command, cwd=folder, input=the_diff(), text=True, capture_output=True, check=False)
    return ended.returncode == 0


def run_in(folder: Path, *command: str) -> str:
    ran = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_it_is_less_than_fifteen_lines() -> None:
    lines = [line for line in the_diff().splitlines() if re.match(r"[+-](?![+-]{2} )", line)]
    assert 0 < len(lines) < 15


def test_the_changed_saga_leaves_the_same_trace_on_every_engine(changed: Path) -> None:
    order = "tests/conformance/saga/test_order_saga.py"
    told = run_in(changed, "-m", "pytest", "-v", "-p", "no:cacheprovider", order, "-k", "fraud or withdraw or nothing")
    for engine in ENGINES:
        passed = set(re.findall(rf"\[{engine}-(\S+) .+\] PASSED", told))
        assert {"check-fraud", "withdraw-check", "nothing"} <= passed, told


def test_the_changed_system_can_be_wired(changed: Path) -> None:
    told = run_in(changed, "-c", "from tests.graph import build, config; print(build(config('local')))")
    assert "'check-fraud': 'order-tasks'" in told


def test_the_changed_saga_leaves_no_order_half_done(changed: Path) -> None:
    run_in(changed, "-m", "pytest", "-p", "no:cacheprovider", "tests/unit/functions/services")


def test_a_suspicious_order_is_refused_and_a_good_one_is_not(changed: Path) -> None:
    assert run_in(changed, "-c", SUSPICIOUS).startswith("FAILED check-fraud")
    assert run_in(changed, "-c", SUSPICIOUS.replace("51", "50")).startswith("FULFILLED")
