"""Finding and stopping a run time: no process is signalled that was not recognised."""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from local_provider import log, running
from local_provider.errors import LocalError, UnhealthyError
from local_provider.resource import Place
from local_provider.run_time import RunTime as RunTimeResource
from local_provider.running import RunTime
from local_runtime.home import Home


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has the pid which a run time once had."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


ANSWERING = """
import http.server, json, os, signal, sys

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"instance": "of the state"}).encode())

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(server.server_port, flush=True)
server.serve_forever()
"""
"""A run time as it was before it looked after its home, or one that hangs: it answers, and has no lock file."""


@contextmanager
def answering(*arguments: str, instance: str = "of the state") -> Iterator[tuple[subprocess.Popen[str], RunTime]]:
    """The process, and what the state would say of it."""
    command = [sys.executable, "-c", ANSWERING, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        try:
            yield process, RunTime(pid=process.pid, instance=instance, url=f"http://127.0.0.1:{port}")
        finally:
            process.kill()


def as_started(home: Home) -> list[str]:
    return ["local_runtime", "--home", str(home.root), "--port", "0"]


@pytest.mark.parametrize(("more", "signalled"), [([], signal.SIGTERM), (["deaf"], signal.SIGKILL)])
def test_a_run_time_whose_home_was_removed_is_told_by_refresh_and_stopped(
    tmp_path: Path, more: list[str], signalled: signal.Signals
) -> None:
    home = Home(tmp_path / "home")
    with answering(*as_started(home), *more) as (process, known):
        state = {"status": "running", "url": known.url, "pid": known.pid, "instance": known.instance}
        resource, cancelled = RunTimeResource({}, Event()), Event()
        with pytest.raises(
            UnhealthyError, match=f"pid {process.pid} still runs, though {home.root} was removed"
        ) as told:
            resource.read(Place(home, "runtime", "run-time"), state)
        assert resource.is_sick(told.value.outputs)
        if more:
            cancelled.set()  # which is not waited out
        RunTimeResource({}, cancelled).delete({**state, "home": str(home.root), "name": "run-time"})
        assert process.wait(20) == -signalled


def test_what_answers_as_another_instance_is_not_ended(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with answering(*as_started(home), instance="an older one") as (process, known):
        running.stop(home, Event(), known)
        assert process.poll() is None


def test_a_pid_that_is_no_run_time_of_this_home_is_not_ended_whatever_answers(
    tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    home = Home(tmp_path / "home")
    with answering(*as_started(home)) as (process, known):
        mistaken = RunTime(pid=stranger.pid, instance=known.instance, url=known.url)
        with pytest.raises(LocalError, match=f"the state names pid {stranger.pid} for what answers at {known.url}"):
            running.stop(home, Event(), mistaken)
        assert process.poll() is None
    assert stranger.poll() is None


def record(home: Home, pid: int) -> None:
    home.lock.write_text(str(pid))
    home.run_time.write_text(json.dumps({"pid": pid, "instance": "old", "url": "http://127.0.0.1:1"}))


def test_a_run_time_that_was_killed_is_not_taken_for_who_has_its_pid_now(
    tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    home = Home(tmp_path)
    record(home, stranger.pid)
    assert running.find(home) is None
    running.stop(home, Event())
    assert stranger.poll() is None


def test_a_process_that_is_not_recognised_is_not_ended(tmp_path: Path, stranger: subprocess.Popen[bytes]) -> None:
    home = Home(tmp_path)
    record(home, stranger.pid)
    with home.lock.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LocalError, match=f"pid {stranger.pid}, which is not this home's run time"):
            running.stop(home, Event())
    assert stranger.poll() is None


def test_a_cancelled_start_leaves_no_process(tmp_path: Path) -> None:
    cancelled = Event()
    cancelled.set()
    with pytest.raises(LocalError, match="was cancelled"):
        running.start(running.Order(Home(tmp_path), 0, "INFO", []), cancelled)
    assert not running.is_alive(Home(tmp_path))


def test_a_start_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="exit code 2\n  declare exactly one database"):
        running.start(running.Order(Home(tmp_path), 0, "INFO", []), Event())


def test_a_large_log_is_moved_aside_and_few_are_kept(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for _ in range(log.KEPT_FILES + 2):
        with log.rotated(home).open("ab") as file:
            file.truncate(log.LARGEST_BYTES + 1)
    assert log.rotated(home).stat().st_size == 0
    assert len(list((tmp_path / log.FOLDER).iterdir())) == log.KEPT_FILES


def test_only_what_was_said_since_is_quoted_in_plain_lines(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("of an earlier start\n")
    since = file.stat().st_size
    with file.open("a") as log_file:
        log_file.write(json.dumps({"level": "ERROR", "message": "it broke", "time": "now"}) + "\nand plain text\n")
    assert log.last_words(file, since=since) == "\n  ERROR it broke\n  and plain text"
