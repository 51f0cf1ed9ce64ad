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
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import msgspec

from local_provider import files, log
from local_provider.errors import LocalError
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
    return _recorded(home) if is_alive(home) else None


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
        recorded = _recorded(order.home)
        if recorded and recorded.pid == process.pid and answers(recorded):
            return recorded
        if cancelled.wait(LOOK_AGAIN_SECONDS):
            raise LocalError("the start of the run time was cancelled; nothing of it is left running")
        if time.monotonic() > deadline:
            raise LocalError(f"the run time did not answer within {START_SECONDS:g} s and was stopped")
    raise LocalError(f"the run time ended as it started, with exit code {process.returncode}")


def stop(home: Home, cancelled: Event) -> None:
    """Let it finish what it is at; after 20 s it is killed, which loses nothing that it had promised."""
    pid = _holder(home)
    if pid is None or not is_alive(home):
        return
    with _Recognised(home, pid) as process:
        process.send(signal.SIGTERM)
        if not _until(lambda: not is_alive(home), STOP_SECONDS, cancelled):
            process.send(signal.SIGKILL)
            _until(lambda: not is_alive(home), STOP_SECONDS, Event())
    if is_alive(home):
        raise LocalError(f"the run time with pid {pid} does not end; end it by hand and try again")


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


def _recorded(home: Home) -> RunTime | None:
    try:
        return msgspec.json.decode(home.run_time.read_bytes(), type=RunTime)
    except (OSError, msgspec.MsgspecError):
        return None


class _Recognised:
    """The process of a run time, held by a file descriptor where the system has them, so that no other gets its pid."""

    def __init__(self, home: Home, pid: int) -> None:
        self._home = home
        self._pid = pid

    def __enter__(self) -> _Recognised:
        self._descriptor = None
        with suppress(AttributeError, ProcessLookupError):
            self._descriptor = os.pidfd_open(self._pid)
        if not self._is_ours():
            self.__exit__()
            raise LocalError(
                f"{self._home.lock} names pid {self._pid}, which is not this home's run time: end what runs with "
                f"--home {self._home.root} by hand and try again"
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            if self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, number)
            else:
                os.kill(self._pid, number)

    def _is_ours(self) -> bool:
        """By what it answers, or, if it hangs or is only just starting, by its arguments, which name this home."""
        recorded = _recorded(self._home)
        if recorded and recorded.pid == self._pid and answers(recorded):
            return True
        arguments = _arguments(self._pid)
        return "local_runtime" in arguments and f"--home {self._home.root} " in arguments


def _arguments(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    ps = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout


def _until(condition: Callable[[], bool], seconds: float, cancelled: Event) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline or cancelled.wait(LOOK_AGAIN_SECONDS):
            return condition()
    return True
