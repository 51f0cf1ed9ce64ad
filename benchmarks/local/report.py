"""The figures as they are read."""

from __future__ import annotations

from benchmarks.local.cases import WANTED_SHARE, WANTED_TIMES_DBOS, Figures
from benchmarks.on_dbos import REQUIREMENT

NAMES = {
    "orders": "whole orders, HTTP to FULFILLED",
    "own_saga": "our saga alone, with its writes",
    "dbos_as_it_comes": f"saga on {REQUIREMENT} as it comes",
    "dbos_with_wal": f"saga on {REQUIREMENT}, its file in WAL",
    "dbos_with_wal_steps_idle": "the same, steps that write nothing",
    "sqlite_full_commits": "bare SQLite commits, FULL",
    "sqlite_normal_commits": "bare SQLite commits, NORMAL",
}


def show(figures: Figures) -> None:
    print(", ".join(f"{name} {value}" for name, value in figures["machine"].items()))
    print(f"users and orders a second: {figures['ramp']['orders_by_users']}; with {figures['ramp']['users']} users:\n")
    _show_saturation(figures["saturation"])
    _show_half_load(figures["half_load"])
    _show_stored(figures["stored"])
    for name, start in figures["start_up"].items():
        print(
            f"{name:36} {start['wall_seconds']:7.3f} s until it answers, {start['processor_seconds']:.3f} s of one"
            f" processor; {start['times_bare_python']} x bare Python, {start['times_bare_uvicorn']} x bare uvicorn"
        )


def _show_saturation(found: Figures) -> None:
    for name, rate in found["rates"].items():
        print(f"{NAMES[name]:36} {rate['median']:8.1f} /s{_compared(found, name)}")
    print(f"{found['commits_an_order']} commits an order, {found['orders_a_commit']} orders a commit")
    if found["is_met"] is None:
        print(f"{REQUIREMENT} is not available: give an interpreter that has it with --dbos-python\n")
    else:
        wanted = f"wanted are at least {WANTED_TIMES_DBOS:g} x as many whole orders as sagas on DBOS"
        print(f"{_verdict(found['is_met'])}: {wanted}\n")


def _compared(found: Figures, name: str) -> str:
    if name not in found["times_dbos"]:
        return ""
    saga = found["saga_alone_times_dbos"][name]
    return f"   we do {found['times_dbos'][name]} x as many whole orders, {saga} x as many sagas alone"


def _show_half_load(found: Figures) -> None:
    print(f"at half of that, {found['orders_a_second']} orders a second, {found['orders']} in all:")
    for name, what in (("post_seconds", "POST /orders"), ("order_seconds", "accepted to FULFILLED")):
        quantiles = "   ".join(f"{which} {seconds * 1000:.1f} ms" for which, seconds in found[name].items())
        print(f"{what:36} {quantiles}")
    print()


def _show_stored(found: Figures) -> None:
    for stored, rates in found["orders_a_second"].items():
        print(f"with {int(stored):,} stored orders: {', '.join(str(rate) for rate in rates)} orders a second")
    share = f"{found['share']:.0%} of the rate is left, wanted is at least {WANTED_SHARE:.0%}"
    print(f"{_verdict(found['is_met'])}: {share}\n")


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "MISSED"
