"""How long it takes until `python -m local_runtime` answers, next to bare Python and a bare uvicorn."""

from __future__ import annotations

import statistics
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from benchmarks.cold_start.measuring import Case, Start, started
from benchmarks.local.process import ROOT
from local_runtime.home import Home

BARE, UVICORN, OURS = "python -c pass", "bare uvicorn", "python -m local_runtime"
_PATHS = (ROOT, Path(sysconfig.get_path("purelib")))
_RUN_TIME = """
import os, sys
from local_runtime.__main__ import main
sys.exit(main(["--home", {home!r}, "--port", os.environ["PORT"]]))
"""
_HELLO = """
import os, uvicorn
async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
uvicorn.run(hello, port=int(os.environ["PORT"]), lifespan="off", loop="asyncio", http="h11", log_level="error")
"""


def cases(home: Home) -> Mapping[str, Case]:
    return {
        BARE: Case(script=""),
        UVICORN: Case(script=_HELLO, paths=_PATHS, serves="/"),
        OURS: Case(script=_RUN_TIME.format(home=str(home.root)), paths=_PATHS, serves="/-/health"),
    }


def measured(home: Home, starts: int) -> dict[str, list[Start]]:
    """In turn; a first turn, which only brings the files into memory, does not count."""
    found: dict[str, list[Start]] = {name: [] for name in cases(home)}
    for turn in range(starts + 1):
        for name, case in cases(home).items():
            start = started(case, sys.executable)
            if turn:
                found[name].append(start)
    return found


def figures(found: Mapping[str, list[Start]]) -> dict[str, object]:
    """Seconds of the clock and of one processor, and how many times those of the bare ones, turn by turn."""
    return {
        name: {
            "wall_seconds": round(statistics.median(start.wall for start in starts), 3),
            "processor_seconds": round(statistics.median(start.processor for start in starts), 3),
            "times_bare_python": _times(starts, found[BARE]),
            "times_bare_uvicorn": _times(starts, found[UVICORN]),
        }
        for name, starts in found.items()
    }


def _times(starts: list[Start], beside: list[Start]) -> float:
    return round(statistics.median(a.wall / b.wall for a, b in zip(starts, beside, strict=True)), 2)
