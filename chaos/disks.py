"""A disk that can be filled: a real file system of its own where that may be mounted, else a limit of the process."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from chaos.run_time import RunTime

MEGABYTES = 192
CHUNK_BYTES = 64 * 1024


class Disk(Protocol):
    """What a system's home is on; `how` says how it is made full."""

    folder: Path
    how: str

    def of(self, run_time: RunTime) -> None:
        """Tell it whose disk it is."""
        ...

    def fill(self) -> None: ...

    def free(self) -> None: ...


class Ordinary:
    """A disk that nobody fills."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.how = "the disk of the temporary folder"

    def of(self, run_time: RunTime) -> None: ...

    def fill(self) -> None: ...

    def free(self) -> None: ...


@contextmanager
def full_able(folder: Path) -> Iterator[Disk]:
    mount = folder / "disk"
    mount.mkdir()
    if not _is_mounted(mount):
        yield Limited(mount)
        return
    try:
        yield Tmpfs(mount)
    finally:
        with suppress(subprocess.CalledProcessError):
            subprocess.run(["umount", "--lazy", mount], check=True, capture_output=True)


def _is_mounted(mount: Path) -> bool:
    """Root alone may, and in a container not even that."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0700", "orderly-chaos", str(mount)]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


class Tmpfs(Ordinary):
    def __init__(self, mount: Path) -> None:
        super().__init__(mount)
        self.how = f"a tmpfs of {MEGABYTES} MB, which is filled up to its last byte (ENOSPC)"
        self._filler = mount / "filler"

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as filler:
            size = CHUNK_BYTES
            while size:
                try:
                    filler.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2  # until not one more byte fits

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)


class Limited(Ordinary):
    """No file of the run time may grow; what is there already can be written to, as on a full disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.how = "a limit on the size of the run time's files (EFBIG), since no file system may be mounted here"
        self._run_time: RunTime | None = None

    def of(self, run_time: RunTime) -> None:
        self._run_time = run_time

    def fill(self) -> None:
        if self._run_time is None or not self._run_time.lives:
            return
        log = self._run_time.home / "orders.sqlite-wal"
        self._limit(log.stat().st_size if log.exists() else os.sysconf("SC_PAGE_SIZE"))

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        if self._run_time and self._run_time.lives:
            with suppress(ProcessLookupError):
                resource.prlimit(self._run_time.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
