"""The run time as a process of its own: started, asked, looked at from outside, and stopped."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.rest import in_hand
from local_provider.running import last_announced
from local_runtime.home import Home

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = SETTLE_SECONDS = 120.0
STOP_SECONDS = 20.0


class BenchmarkError(Exception):
    """What was to be measured did not happen, so there is no figure."""


@dataclass(frozen=True)
class Running:
    home: Home
    pid: int
    url: str

    def health(self) -> Any:  # noqa: ANN401 -- JSON
        with urllib.request.urlopen(f"{self.url}/-/health", timeout=30) as response:  # noqa: S310 -- loopback
            return json.loads(response.read())

    def ask(self, query: str) -> Any:  # noqa: ANN401 -- whatever the column has
        """The one value that the query has, read from the database beside the run time."""
        with closing(sqlite3.connect(f"{self.home.database.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchone()[0]

    def settle(self) -> None:
        """Wait until nothing is under way: no message in any queue, and no order."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while number := in_hand(self.home.database):
            if time.monotonic() > deadline:
                raise BenchmarkError(f"{number} messages, events and sagas are under way for too long")
            time.sleep(0.05)


@contextmanager
def running(home: Home, *options: str) -> Iterator[Running]:
    """Until the block is left; raises BenchmarkError, with the end of its log, when it does not start."""
    log = home.root / "bench.log"
    with log.open("wb") as stderr:
        command = [sys.executable, "-m", "local_runtime", "--home", str(home.root), *options]
        process = subprocess.Popen(command, cwd=ROOT, stderr=stderr)
    try:
        yield Running(home, process.pid, _url(home, process, log))
    finally:
        end(process)


def end_in_order() -> None:
    """Who is asked to end takes away what it has made and started, and ends with 143."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def end(process: subprocess.Popen[bytes]) -> None:
    """In good order, or else by force."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _url(home: Home, process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if (found := last_announced(home)) and found.pid == process.pid:
            return found.url
        time.sleep(0.01)
    raise BenchmarkError(f"the run time did not start: {log.read_text()[-500:]}")
