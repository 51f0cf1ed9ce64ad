"""Starts, finds and stops the one run time of a home folder; it never signals a process that it has not recognised."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import msgspec

from local_provider import files, log
from local_provider.errors import LocalError
from local_provider.recognised import Recognised, runs
from local_runtime.home import Home

SOURCE = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0
"""A start checks the whole database first, so it takes longer with a large one."""
STOP_SECONDS = 20.0
HEALTH_SECONDS = 5.0
PORT_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 0.05
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""The engine's environment holds its passphrase and the clouds' credentials, which are no function's business."""


class RunTime(msgspec.Struct, frozen=True):
    """What `run-time.json` says of the run time that wrote it."""

    pid: int
    instance: str
    url: str

    @property
    def port(self) -> int:
        return port_of(self.url)


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


@dataclass(frozen=True)
class Order:
    """How to start a run time; `followed` names the declarations that count, as `<kind>/<name>`."""

    home: Home
    port: int
    log_level: str
    followed: list[str]


def find(home: Home) -> RunTime | None:
    """The run time that lives in this home and has announced itself, whether it answers now or not."""
    return last_announced(home) if is_alive(home) else None


def is_alive(home: Home) -> bool:
    """By the lock, which the system lets go of however the process ends; a recorded pid may be another's by now."""
    try:
        with home.lock.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def answers(run_time: RunTime) -> bool:
    """The process behind the address is this very run time."""
    connection = http.client.HTTPConnection("127.0.0.1", run_time.port, timeout=HEALTH_SECONDS)
    try:
        connection.request("GET", "/-/health")
        answer = json.loads(connection.getresponse().read())
        return isinstance(answer, dict) and answer.get("instance") == run_time.instance
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def is_taken(port: int) -> bool:
    """Somebody listens on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def comes_free(port: int) -> bool:
    """A process that has just ended lets go of its lock a moment before its port."""
    return _until(lambda: not is_taken(port), PORT_SECONDS, Event())


def start(order: Order, cancelled: Event) -> RunTime:
    """Returns once it answers. Otherwise no process is left, and LocalError has what it said."""
    files.write(order.home.followed, msgspec.json.encode(order.followed))
    file = log.rotated(order.home)
    before, started = file.stat().st_size, None
    process = _spawn(order, file)
    try:
        started = _await_answer(order, process, cancelled)
        return started
    except LocalError as error:
        raise LocalError(f"{error}{log.last_words(file, since=before)}") from None
    finally:
        if not started:
            process.kill()
            process.wait()


def _spawn(order: Order, file: Path) -> subprocess.Popen[bytes]:
    """In a session of its own, so that neither the engine's end nor a Ctrl-C in its terminal reaches it."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    with file.open("ab") as output:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "local_runtime"),
                *("--home", str(order.home.root)),
                *("--port", str(order.port)),
                *("--log-level", order.log_level),
            ],
            cwd=SOURCE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _await_answer(order: Order, process: subprocess.Popen[bytes], cancelled: Event) -> RunTime:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        recorded = last_announced(order.home)
        if recorded and recorded.pid == process.pid and answers(recorded):
            return recorded
        if cancelled.wait(LOOK_AGAIN_SECONDS):
            raise LocalError("the start of the run time was cancelled; nothing of it is left running")
        if time.monotonic() > deadline:
            raise LocalError(f"the run time did not answer within {START_SECONDS:g} s and was stopped")
    raise LocalError(f"the run time ended as it started, with exit code {process.returncode}")


def is_orphan(home: Home, known: RunTime) -> bool:
    """The run time that the state knows goes on although its home, and with it the lock, was removed."""
    return not is_alive(home) and answers(known)


def stop(home: Home, cancelled: Event, known: RunTime | None = None) -> None:
    """Let it finish what it is at; after 20 s it is killed, which loses nothing that it had promised.

    An orphan of the `known` run time is stopped as well.
    """
    pid = _holder(home)
    if pid is not None and is_alive(home):
        _end(_holder_of(home, pid), lambda _: not is_alive(home), cancelled, pid)
    if known and is_orphan(home, known):
        _end(_orphan_of(home, known), Recognised.has_ended, cancelled, known.pid)


def _end(recognised: Recognised, has_ended: Callable[[Recognised], bool], cancelled: Event, pid: int) -> None:
    with recognised as process:
        process.send(signal.SIGTERM)
        if not _until(lambda: has_ended(process), STOP_SECONDS, cancelled):
            process.send(signal.SIGKILL)
            _until(lambda: has_ended(process), STOP_SECONDS, Event())
        if not has_ended(process):
            raise LocalError(f"the run time with pid {pid} does not end; end it by hand and try again")


def _holder_of(home: Home, pid: int) -> Recognised:
    """By what it answers, or, if it hangs or is only just starting, by its arguments."""

    def is_ours() -> bool:
        recorded = last_announced(home)
        return bool(recorded and recorded.pid == pid and answers(recorded)) or runs(home, pid)

    return Recognised(pid, is_ours, _stranger(home, f"{home.lock} names pid {pid}"))


def _orphan_of(home: Home, known: RunTime) -> Recognised:
    """By its instance, which no other process ever has, and by its arguments, since the pid is only remembered."""
    return Recognised(
        known.pid,
        lambda: answers(known) and runs(home, known.pid),
        _stranger(home, f"the state names pid {known.pid} for what answers at {known.url}"),
    )


def _stranger(home: Home, finding: str) -> str:
    return f"{finding}, which is not this home's run time: end what runs with --home {home.root} by hand and try again"


def forget(home: Home) -> None:
    """Remove what a run time leaves in its home, its logs too."""
    log.remove(home)
    for file in (home.followed, home.run_time, home.lock):
        files.remove(file, home=home.root)


def _holder(home: Home) -> int | None:
    """The process that locked the home last; whether it still lives, only the lock itself can tell."""
    try:
        return int(home.lock.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def last_announced(home: Home) -> RunTime | None:
    """What the run time that came up last has told of itself; one that was killed has left it. Disturbs no start."""
    try:
        return msgspec.json.decode(home.run_time.read_bytes(), type=RunTime)
    except (OSError, msgspec.MsgspecError):
        return None


def _until(condition: Callable[[], bool], seconds: float, cancelled: Event) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline or cancelled.wait(LOOK_AGAIN_SECONDS):
            return condition()
    return True
