"""The run time as a process of this program's own: started, killed, started again, and never left behind."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from chaos.errors import ChaosError
from local_provider.running import last_announced
from local_runtime.home import Home

SOURCE = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0
STOP_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.005


class RunTime:
    """On one home and one port, which its clients know."""

    def __init__(self, home: Path, port: int, log: Path) -> None:
        self.home = home
        self.port = port
        self.log = log
        self.starts = 0
        self.start_seconds: list[float] = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ChaosError("the run time was not started yet")
        return self._process

    def spawn(self) -> None:
        """Start it, and do not wait for it."""
        command = [sys.executable, "-m", "local_runtime", "--home", str(self.home), "--port", str(self.port)]
        self._spawned_at, self._has_answered = time.monotonic(), False
        with self.log.open("ab") as log:
            self._said_before = log.tell()
            self._process = subprocess.Popen(
                [*command, "--log-level", "ERROR"],
                cwd=SOURCE,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for this program, which ends it
            )
        self.starts += 1

    def start(self) -> None:
        """Returns once it answers; raises ChaosError with what it said when it refuses to."""
        self.spawn()
        self.await_answer()

    def await_answer(self) -> None:
        """Of the one that was spawned last; raises ChaosError with what it said when it ended instead."""
        until(lambda: self.answers() or not self.lives, START_SECONDS, "the run time answers")
        if not self.lives:
            raise ChaosError(f"the run time did not start: {self.said()}")
        if not self._has_answered:
            self._has_answered = True
            self.start_seconds.append(time.monotonic() - self._spawned_at)

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        """And has told where: until then it is not up, and a disk that is full would end it."""
        announced = last_announced(Home(self.home))
        return announced is not None and announced.pid == self.process.pid and self._is_well()

    def _is_well(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/-/health")
            return isinstance(json.loads(connection.getresponse().read()), dict)
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """SIGKILL: nothing of it runs any more when this returns."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """As `make destroy` stops it; gives its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise ChaosError(f"the run time did not stop within {STOP_SECONDS:g} s of being asked to") from None

    def said(self) -> str:
        """By the one that was spawned last."""
        with self.log.open("rb") as log:
            log.seek(self._said_before)
            return log.read().decode(errors="replace").strip()


def free_port() -> int:
    """One that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Raises ChaosError when it has not come about in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ChaosError(f"not within {seconds:g} s: {what}")
        time.sleep(LOOK_AGAIN_SECONDS)
