"""What is measured, each as the figures that are kept of it. Rates are a second; medians are of the rounds."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks import on_dbos
from benchmarks.durable_steps import commits_a_second, own_rates
from benchmarks.local import load, starts, stored
from benchmarks.local.home import declare
from benchmarks.local.load import Outcome, percentile
from benchmarks.local.process import Running, running
from benchmarks.local.scale import Scale

Figures: TypeAlias = dict[str, Any]
COMMITS = "SELECT number FROM commits"
SAGA_WRITES: Mapping[str, int] = {
    "validate-order": 0,
    "reserve-inventory": 2,
    "process-payment": 3,
    "commit-inventory": 2,
    "send-confirmation": 2,
    "notify-warehouse": 2,
    "complete-order": 1,
}
"""Of each step of the order saga that goes well, how often it writes something of its own to the database."""
WANTED_TIMES_DBOS = 5.0
WANTED_SHARE = 0.8
"""Of the rate at the smaller number of stored orders, what has to be left at the larger one."""


def ramp(system: Running, scale: Scale) -> tuple[int, Figures]:
    """The users at which most orders are fulfilled, and how many are at each step."""
    rates = {users: load.closed(system, users, scale.seconds).fulfilled_a_second() for users in scale.users}
    best = max(rates, key=rates.__getitem__)
    return best, {"users": best, "orders_by_users": {str(users): round(rate, 1) for users, rate in rates.items()}}


def beside_dbos(system: Running, users: int, python: Path | None, scratch: Path, scale: Scale) -> Figures:
    """The whole order over HTTP, and in turn with it the saga alone on DBOS, and bare SQLite."""
    rates: dict[str, list[float]] = {}
    commits: list[float] = []

    def note(name: str, rate: float) -> None:
        rates.setdefault(name, []).append(round(rate, 1))

    for _ in range(scale.rounds):
        before = system.ask(COMMITS)
        outcome = load.closed(system, users, scale.seconds)
        commits.append((system.ask(COMMITS) - before) / len(outcome.orders))
        note("orders", outcome.fulfilled_a_second())
        note("own_saga", own_rates(scratch, list(SAGA_WRITES.values()), scale.workflows, 1).side_by_side)
        for mode in ("FULL", "NORMAL"):
            note(f"sqlite_{mode.lower()}_commits", commits_a_second(scratch, mode, scale.commits))
        if python:
            for name, plan in _plans(scale).items():
                note(name, on_dbos.measured(python, plan, scratch).side_by_side)
    return _beside(rates, commits)


def _plans(scale: Scale) -> Mapping[str, on_dbos.Plan]:
    writing, idle = list(SAGA_WRITES.values()), [0] * len(SAGA_WRITES)
    return {
        f"dbos_{name}": on_dbos.Plan(side_by_side=scale.workflows, one_by_one=1, writes=writes, journal_mode=mode)
        for name, writes, mode in (
            ("as_it_comes", writing, on_dbos.AS_IT_COMES),
            ("with_wal", writing, "WAL"),
            ("with_wal_steps_idle", idle, "WAL"),
        )
    }


def _beside(rates: Mapping[str, Sequence[float]], commits: Sequence[float]) -> Figures:
    """How many times another's: by pairs, each of one round."""
    beside = {name: each for name, each in rates.items() if name.startswith("dbos")}
    times = {name: _times(rates["orders"], each) for name, each in beside.items()}
    saga_times = {name: _times(rates["own_saga"], each) for name, each in beside.items()}
    by_order = statistics.median(commits)
    return {
        "rates": {name: {"median": statistics.median(each), "rounds": each} for name, each in rates.items()},
        "commits_an_order": round(by_order, 2),
        "orders_a_commit": round(1 / by_order, 2),
        "times_dbos": {name: round(each, 1) for name, each in times.items()},
        "saga_alone_times_dbos": {name: round(each, 1) for name, each in saga_times.items()},
        "is_met": times["dbos_as_it_comes"] >= WANTED_TIMES_DBOS if times else None,
    }


def _times(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def half_load(system: Running, rate: float, scale: Scale) -> Figures:
    """At half of `rate`, by clients who do not wait for one another; counted from when a request was to be sent."""
    system.settle()
    outcome = load.open_loop(system, rate / 2, scale.half_load_seconds)
    return {
        "orders_a_second": round(rate / 2, 1),
        "orders": len(outcome.orders),
        "post_seconds": _quantiles(outcome.answer_seconds()),
        "order_seconds": _quantiles(outcome.order_seconds()),
    }


def _quantiles(ordered: Sequence[float]) -> Figures:
    return {name: round(percentile(ordered, share), 4) for name, share in (("p50", 0.5), ("p99", 0.99))}


def with_many_stored(scratch: Path, users: int, scale: Scale) -> Figures:
    """Two systems that have few and many orders, loaded in turn."""
    few, many = (_filled(scratch / f"stored-{orders}", orders, scale) for orders in scale.stored)
    with running(declare(few)) as one, running(declare(many)) as other:
        for each in (one, other):
            load.closed(each, users, scale.seconds / 2)
        pairs = [(_rate(one, users, scale), _rate(other, users, scale)) for _ in range(scale.rounds)]
    share = statistics.median(theirs / ours for ours, theirs in pairs)
    return {
        "orders_a_second": {
            str(orders): [round(rate, 1) for rate in rates]
            for orders, rates in zip(scale.stored, zip(*pairs, strict=True), strict=True)
        },
        "share": round(share, 2),
        "is_met": share >= WANTED_SHARE,
    }


def _filled(folder: Path, orders: int, scale: Scale) -> Path:
    home = declare(folder)
    with running(home) as system:
        load.counted(system, scale.templates)
        system.settle()
    stored.multiply(home, orders)
    return folder


def _rate(system: Running, users: int, scale: Scale) -> float:
    outcome: Outcome = load.closed(system, users, scale.seconds)
    return outcome.fulfilled_a_second()


def start_up(folder: Path, scale: Scale) -> Figures:
    return starts.figures(starts.measured(declare(folder), scale.starts))
