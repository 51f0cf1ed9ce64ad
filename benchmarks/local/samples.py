"""What a process holds, looked at from outside while it works, and whether it comes to hold ever more."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.local.process import Running

MEBIBYTE = 1024 * 1024
FULFILLED = "SELECT count(*) FROM saga_runs WHERE status = 'succeeded'"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """`memory` is the share that is the process's own (PSS) where the kernel tells, else all that is resident."""

    seconds: float
    orders: int
    memory: int
    handles: int
    threads: int
    log: int
    database: int


def taken(system: Running, began: float) -> Sample:
    proc, database = Path(f"/proc/{system.pid}"), system.home.database
    return Sample(
        seconds=time.monotonic() - began,
        orders=system.ask(FULFILLED),
        memory=_memory(proc),
        handles=len(list((proc / "fd").iterdir())),
        threads=len(list((proc / "task").iterdir())),
        log=_size(database.with_name(f"{database.name}-wal")),
        database=_size(database),
    )


@contextmanager
def sampling(system: Running, every_seconds: float) -> Iterator[list[Sample]]:
    """The list grows until the block is left."""
    samples, stop, began = list[Sample](), threading.Event(), time.monotonic()

    def look_on() -> None:
        while not stop.wait(every_seconds):
            samples.append(taken(system, began))

    looking = threading.Thread(target=look_on)
    looking.start()
    try:
        yield samples
    finally:
        stop.set()
        looking.join()


def growth(samples: Sequence[Sample], value: Callable[[Sample], float], over: Callable[[Sample], float]) -> float:
    """Of a value for each one of `over`, as the straight line that fits best has it."""
    slope: float = statistics.linear_regression([over(each) for each in samples], [value(each) for each in samples])[0]
    return slope


def rise(samples: Sequence[Sample], value: Callable[[Sample], float]) -> float:
    """From the median of the first third to that of the last."""
    third = max(1, len(samples) // 3)
    first, last = samples[:third], samples[-third:]
    return statistics.median(map(value, last)) - statistics.median(map(value, first))


def _memory(proc: Path) -> int:
    with suppress(OSError, StopIteration):
        lines = (proc / "smaps_rollup").read_text().splitlines()
        return _kilobytes(next(line for line in lines if line.startswith("Pss:")))
    lines = (proc / "status").read_text().splitlines()
    return _kilobytes(next(line for line in lines if line.startswith("VmRSS:")))


def _kilobytes(line: str) -> int:
    return int(line.split()[1]) * 1024


def _size(file: Path) -> int:
    with suppress(FileNotFoundError):
        return file.stat().st_size
    return 0
