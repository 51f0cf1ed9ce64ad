"""The process of a run time, held so that no other gets its pid, and signalled only once it was recognised."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from local_provider.errors import LocalError
from local_runtime.home import Home


class Recognised:
    """Held by a file descriptor where the system has them; raises LocalError(`refusal`) for another process."""

    def __init__(self, pid: int, is_ours: Callable[[], bool], refusal: str) -> None:
        self._pid = pid
        self._is_ours = is_ours
        self._refusal = refusal

    def __enter__(self) -> Recognised:
        self._descriptor = None
        with suppress(AttributeError, ProcessLookupError):
            self._descriptor = os.pidfd_open(self._pid)
        if not self._is_ours():
            self.__exit__()
            raise LocalError(self._refusal)
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

    def has_ended(self) -> bool:
        """Whether or not its parent has looked yet."""
        if self._descriptor is not None:
            return bool(select.select([self._descriptor], [], [], 0)[0])
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return True
        return False


def runs(home: Home, pid: int) -> bool:
    """By its arguments, which name this home."""
    arguments = _arguments(pid)
    return "local_runtime" in arguments and f"--home {home.root} " in arguments


def _arguments(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    ps = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout
