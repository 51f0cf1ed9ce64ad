"""A saga's attempts as stops on a track."""

from __future__ import annotations

from datetime import timedelta

from console.track import NARROWEST, SCALE, track
from operations.ports import Ending, Phase, SagaRun
from tests.unit.console.memory import NOON, attempt

LATER = NOON + timedelta(seconds=10)


def run(*attempts: object) -> SagaRun:
    return SagaRun(status="running", attempts=attempts, uncompensated=())  # type: ignore[arg-type]


def test_a_run_without_attempts_has_no_stops() -> None:
    assert track(run(), LATER) == []


def test_attempts_at_a_step_are_one_stop_and_undoing_it_is_another() -> None:
    stops = track(run(attempt("pay"), attempt("pay", 2, at=1), attempt("pay", at=2, phase=Phase.UNDO)), LATER)
    assert [(stop.step, stop.phase, len(stop.tries)) for stop in stops] == [
        ("pay", Phase.DO, 2),
        ("pay", Phase.UNDO, 1),
    ]


def test_stops_stand_in_the_order_in_which_they_began() -> None:
    stops = track(run(attempt("late", at=2), attempt("early", at=0), attempt("early", 2, at=3)), LATER)
    assert [stop.step for stop in stops] == ["early", "late"]


def test_a_stops_state_is_that_of_its_last_attempt() -> None:
    stops = track(run(attempt("pay", ending=Ending.FAULTED), attempt("pay", 2, at=1, seconds=None)), LATER)
    assert stops[0].state == "under-way"
    assert [tried.state for tried in stops[0].tries] == ["faulted", "under-way"]
    assert stops[0].seconds is None


def test_attempts_lie_where_they_were_in_the_runs_time() -> None:
    stops = track(run(attempt("a", at=0, seconds=1), attempt("b", at=1, seconds=3)), LATER)
    assert [(tried.x, tried.width) for stop in stops for tried in stop.tries] == [(0, 250), (250, 750)]
    assert stops[1].seconds == 3


def test_what_is_under_way_reaches_to_now() -> None:
    (stop,) = track(run(attempt("a", at=0, seconds=None)), LATER)
    assert (stop.tries[0].x, stop.tries[0].width) == (0, SCALE)


def test_an_attempt_of_no_time_can_be_seen_and_stays_inside() -> None:
    stops = track(run(attempt("a", at=0, seconds=10), attempt("b", at=10, seconds=0)), LATER)
    assert (stops[1].tries[0].x, stops[1].tries[0].width) == (SCALE - NARROWEST, NARROWEST)


def test_the_wait_before_an_attempt_counts_from_the_end_of_the_one_before() -> None:
    (stop,) = track(run(attempt("a", at=0, seconds=0.5), attempt("a", 2, at=2.5)), LATER)
    assert [tried.wait_seconds for tried in stop.tries] == [None, 2.0]


def test_the_clock_of_another_machine_may_be_ahead() -> None:
    (stop,) = track(run(attempt("a", at=20, seconds=None)), LATER)
    assert 0 <= stop.tries[0].x <= SCALE - stop.tries[0].width
