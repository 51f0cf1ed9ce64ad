"""Starts of processes and what they cost. Nothing here knows a target.

Seconds of one processor are the figure to compare. They leave out what others do on the machine, but not that a busy
one takes longer for the same: so the cases run in turn, and each is held against the SDK's client of its own turn.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from benchmarks.cold_start.serving import answered
from components.wheels import Compiler

Figures: TypeAlias = Mapping[str, object]
WANTED = 1.4
"""Of our API to the SDK's client, at most."""


class FailedStartError(Exception):
    """The process did not get as far as it should: what it took is no figure."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What a platform allows a start to take, in seconds of the clock."""

    seconds: float
    of: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """A process that is over when its script is, or, where it `serves`, when GET of that path was answered with a 200.

    A script that serves finds its port in PORT; any other finds the end of its input at once.
    """

    script: str
    paths: Sequence[Path] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    serves: str | None = None
    limit: Limit | None = None


@dataclass(frozen=True, kw_only=True)
class Start:
    """Seconds: of the clock, and of one processor."""

    wall: float
    processor: float


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is started on one target. `compared` is the case that WANTED is about, `sdk` the one it is a multiple of."""

    name: str
    python: str
    sdk: str
    compared: str
    cases: Callable[[Path, Compiler], AbstractContextManager[Mapping[str, Case]]]
    """Gets a folder for what has to be installed; the cases can be started until it is left."""
    package_bytes: Callable[[], Mapping[str, int]]


def measured(cases: Mapping[str, Case], compiler: Compiler, runs: int) -> dict[str, list[Start]]:
    starts: dict[str, list[Start]] = {name: [] for name in cases}
    for turn in range(runs + 1):
        for name, case in cases.items():
            start = started(case, compiler.executable)
            if turn:  # the first turn only brings the files into memory
                starts[name].append(start)
    return starts


def started(case: Case, python: str) -> Start:
    """Raises FailedStartError for a process that failed, UnansweredError for a server that did not get there."""
    script = f"import sys; sys.path[:0] = {[str(path) for path in case.paths]}\n{case.script}"
    command, variables = [python, "-I", "-S", "-B", "-c", script], dict(case.variables)
    before, began = _processor_seconds(), time.perf_counter()
    if case.serves:
        ended = answered(command, variables, case.serves)
    else:
        ran = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        ended = time.perf_counter()
        if ran.returncode:
            raise FailedStartError(f"a process that was to start ended with {ran.returncode}:\n{ran.stderr.decode()}")
    return Start(wall=ended - began, processor=_processor_seconds() - before)


def summary(
    target: Target, cases: Mapping[str, Case], starts: Mapping[str, Sequence[Start]], compiler: Compiler, runs: int
) -> Figures:
    times = {name: _times(each, starts[target.sdk]) for name, each in starts.items()}
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f} in the end",
        "python": compiler.version,
        "runs": runs,
        "package_bytes": dict(target.package_bytes()),
        "is_met": times[target.compared]["median"] <= WANTED,
        "starts": {
            name: {
                "processor_seconds": _rounded(_spread([start.processor for start in each]), 4),
                "wall_seconds": _rounded(_spread([start.wall for start in each]), 4),
                "times_sdk": _rounded(times[name], 2),
                **_of_limit(cases[name].limit, each),
            }
            for name, each in starts.items()
        },
    }


def show(target: Target, figures: Figures) -> None:
    starts, sizes = figures["starts"], figures["package_bytes"]
    assert isinstance(starts, dict)  # noqa: S101 -- made above
    assert isinstance(sizes, dict)  # noqa: S101
    print(f"{target.name}: {figures['machine']}, Python {figures['python']}, {figures['runs']} runs")
    print(f"seconds of one processor, and how many times those of the {target.sdk}\n")
    for name, start in starts.items():
        spread, times = start["processor_seconds"], start["times_sdk"]
        shown = "   ".join(f"{which} {spread[which]:.3f} {times[which]:.2f} x" for which in spread)
        print(f"{name:36} {shown}")
    print()
    for name, start in starts.items():
        if limit := start.get("of_limit"):
            wall = start["wall_seconds"]["median"]
            print(f"{name:36} {wall:.2f} s of the clock, {limit['share']:.0%} of {limit['limit']}")
    for name, size in sizes.items():
        print(f"package {name:14} {size:10,} bytes")
    times = starts[target.compared]["times_sdk"]
    verdict = "met" if figures["is_met"] else "MISSED"
    print(f"\n{verdict}: the API takes {times['median']:.2f} x the {target.sdk}; wanted is at most {WANTED}\n")


def _times(starts: Sequence[Start], sdk: Sequence[Start]) -> dict[str, float]:
    """How many times the SDK's: by the least of each, and by the median of all turns."""
    turns = [start.processor / beside.processor for start, beside in zip(starts, sdk, strict=True)]
    least = min(start.processor for start in starts) / min(start.processor for start in sdk)
    return {"min": least, "median": statistics.median(turns)}


def _of_limit(limit: Limit | None, starts: Sequence[Start]) -> Figures:
    if limit is None:
        return {}
    share = statistics.median(start.wall for start in starts) / limit.seconds
    return {"of_limit": {"share": round(share, 3), "limit": f"the {limit.seconds:g} s that are {limit.of}"}}


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {"min": min(seconds), "median": statistics.median(seconds)}


def _rounded(spread: Mapping[str, float], digits: int) -> dict[str, float]:
    return {which: round(value, digits) for which, value in spread.items()}


def _processor_seconds() -> float:
    """Of all processes that have been started and waited for, and those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
