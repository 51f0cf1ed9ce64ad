"""Who runs a home: a lock that dies with its holder, and a file that says where the run time answers."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from local_runtime.errors import AlreadyRunningError, RunTimeError
from local_runtime.home import Home

TRY_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class RunTimeFile:
    """`instance` is another one after each start, `started_at` an RFC 3339 moment in UTC."""

    pid: int
    instance: str
    url: str
    started_at: str


@contextmanager
def sole_run_time(home: Home) -> Iterator[Callable[[], bool]]:
    """Hold the home's lock; raises AlreadyRunningError, naming the holder, when another process has it.

    Gives the question whether the lock is still the home's: it is not once its file was removed or replaced.
    """
    descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, home)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        home.run_time.unlink(missing_ok=True)  # of a run time that was killed: it answers no more
        yield lambda: _is_at(home.lock, descriptor)
    finally:
        os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except (FileNotFoundError, NotADirectoryError):
        return False


def _lock(descriptor: int, home: Home) -> None:
    """Tries for a second: whoever asks whether a run time lives holds the lock for a moment too."""
    deadline = time.monotonic() + TRY_SECONDS
    while not _is_locked_by_us(descriptor):
        if time.monotonic() > deadline:
            holder = os.read(descriptor, 32).decode() or "unknown"
            raise AlreadyRunningError(
                f"the run time of {home.root} is up already, as pid {holder}: stop that one first, or use another home"
            )
        time.sleep(0.02)


def _is_locked_by_us(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def announced(path: Path, content: RunTimeFile) -> Iterator[None]:
    """The file is there, whole, for as long as the run time answers; that of another one is left alone.

    Raises RunTimeError when it cannot be written.
    """
    _write(path, json.dumps(asdict(content)))
    try:
        yield
    finally:
        if _says(path) == content.instance:
            path.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.chmod(0o600)
        draft.replace(path)
    except OSError as error:
        raise RunTimeError(f"{path} cannot be written ({error.strerror}): check its rights and the disk") from None


def _says(path: Path) -> str | None:
    with suppress(OSError, ValueError, LookupError):
        instance: str = json.loads(path.read_bytes())["instance"]
        return instance
    return None
