"""Starts of processes and what they cost. Nothing here knows a target.

Seconds of one processor are the figure to compare: they leave out what others do on the machine. The cases run in turn,
so that all of them see the same machine.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from benchmarks.cold_start.serving import answered
from components.aws._package_tools import Compiler

Figures: TypeAlias = Mapping[str, object]
WANTED = 1.4
"""Of our API to the SDK's client, at most."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A process that is over when its script is, or, where it `serves`, when GET of that path was answered with a 200.

    A script that serves finds its port in PORT.
    """

    script: str
    paths: Sequence[Path] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    serves: str | None = None


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
    cases: Callable[[Path, Compiler], Mapping[str, Case]]
    """Gets a folder for what has to be installed."""
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
    """Raises CalledProcessError for a process that did not get as far as it should."""
    script = f"import sys; sys.path[:0] = {[str(path) for path in case.paths]}\n{case.script}"
    command, variables = [python, "-I", "-S", "-B", "-c", script], dict(case.variables)
    before, began = _processor_seconds(), time.perf_counter()
    if case.serves:
        ended = answered(command, variables, case.serves)
    else:
        subprocess.run(command, env=variables, stdout=subprocess.DEVNULL, check=True)
        ended = time.perf_counter()
    return Start(wall=ended - began, processor=_processor_seconds() - before)


def summary(target: Target, starts: Mapping[str, Sequence[Start]], compiler: Compiler, runs: int) -> Figures:
    sdk = _spread([start.processor for start in starts[target.sdk]])
    spreads = {name: _spread([start.processor for start in each]) for name, each in starts.items()}
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": compiler.version,
        "runs": runs,
        "package_bytes": dict(target.package_bytes()),
        "starts": {
            name: {
                "processor_seconds": spread,
                "wall_seconds": _spread([start.wall for start in starts[name]]),
                "times_sdk": {which: round(spread[which] / sdk[which], 2) for which in spread},
            }
            for name, spread in spreads.items()
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
    for name, size in sizes.items():
        print(f"package {name:14} {size:10,} bytes")
    times = starts[target.compared]["times_sdk"]
    verdict = "met" if times["median"] <= WANTED else "MISSED"
    print(f"\n{verdict}: the API takes {times['median']:.2f} x the {target.sdk}; wanted is at most {WANTED}\n")


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {"min": round(min(seconds), 4), "median": round(statistics.median(seconds), 4)}


def _processor_seconds() -> float:
    """Of all processes that have been started and waited for, and those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
