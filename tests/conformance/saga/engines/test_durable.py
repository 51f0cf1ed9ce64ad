"""What the task hub of Durable Functions would notice: orchestrators that are broken in ways no other engine has."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from components.saga.decider import Phase
from components.saga.order import ORDER_SAGA
from functions.entrypoints.azure import saga_v1
from tests.conformance.saga import world
from tests.conformance.saga.case import FAIL, STALL, Case
from tests.conformance.saga.engines import durable
from tests.conformance.saga.engines.durable import Durable

CASE = Case(saga=ORDER_SAGA, fates={(Phase.DO, "process-payment"): (FAIL, STALL)})
LOOKS_LIKE_AN_OBJECT = {"note": {"__class__": "Path", "__module__": "pathlib", "__data__": "/"}}


def violations(folder: Path, old: str, new: str) -> tuple[str, ...]:
    """Of the orchestrators with `new` in place of `old`."""
    source = Path(saga_v1.__file__).read_text(encoding="utf-8")
    assert source.count(old) == 1
    broken = ModuleType("broken")
    broken.__file__ = str(folder / "broken.py")
    Path(broken.__file__).write_text(source.replace(old, new), encoding="utf-8")
    with Durable(broken) as engine:
        return engine.run(CASE).violations


def test_what_is_deterministic_passes() -> None:
    with Durable() as engine:
        assert engine.run(CASE).violations == ()


def test_a_random_wait_is_caught(tmp_path: Path) -> None:
    jitter = "timedelta(seconds=seconds + __import__('random').random())"
    with pytest.raises(AssertionError, match="run-1 is not deterministic: action 1 was"):
        violations(tmp_path, "timedelta(seconds=seconds)", jitter)


def test_another_activity_than_before_is_caught(tmp_path: Path) -> None:
    """As if a name had been changed while the run was under way."""
    by_episode = "call_activity(ACTIVITY + '_2' * (len(self.context.histories) % 2), "
    with pytest.raises(AssertionError, match=r"run-1 is not deterministic: action 0 was .*perform_task_2"):
        violations(tmp_path, "call_activity(ACTIVITY, ", by_episode)


def test_a_step_that_is_not_asked_for_again_is_caught(tmp_path: Path) -> None:
    forgetful = "for node in nodes[: 1 if len(self.context.histories) > 20 else None]:"
    with pytest.raises(AssertionError, match=r"is not deterministic: .* is not asked for"):
        violations(tmp_path, "for node in nodes:", forgetful)


def test_a_timer_that_is_left_open_is_caught(tmp_path: Path) -> None:
    found = violations(tmp_path, "timeout.cancel()", "pass")
    assert any("leaves a timer open" in each for each in found)


def test_an_activity_that_nobody_performs_is_caught(tmp_path: Path) -> None:
    found = violations(tmp_path, 'ACTIVITY = "perform_task"', 'ACTIVITY = "perform"')
    assert "there is no activity perform" in found


def test_an_orchestrator_that_breaks_is_no_end_of_a_saga(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="the orchestrator broke: 'nodes'"):
        violations(tmp_path, 'definition["forward"]', 'definition["nodes"]')


def test_data_that_looks_like_an_object_stays_data(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (world, durable):
        monkeypatch.setattr(module, "DATA", LOOKS_LIKE_AN_OBJECT)
    with Durable() as engine:
        assert engine.run(CASE).violations == ()
