"""Writes and removes files that only their owner may read, each whole or not at all, and the folders they need."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from local_provider.errors import LocalError

ATTEMPTS = 100
"""A folder may vanish between making and using it: another resource's deletion removes folders that are empty."""


def write(path: Path, content: bytes) -> None:
    """Afterwards the file has exactly this content and mode 0600; an interrupted write leaves the old one."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    for _ in range(ATTEMPTS):
        try:
            make_folder(path.parent)
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _refused(path, error) from None
        return
    raise LocalError(f"{path} cannot be written: its folder keeps vanishing; see what removes it and try again")


def make_folder(path: Path) -> None:
    """With mode 0700, and so each folder above it that is missing; one that is there keeps its mode."""
    for _ in range(ATTEMPTS):
        try:
            for folder in reversed([path, *path.parents]):
                if not folder.exists():
                    folder.mkdir(mode=0o700)
        except (FileNotFoundError, FileExistsError):
            continue
        except OSError as error:
            raise _refused(path, error) from None
        return


def remove(path: Path, *, home: Path) -> None:
    """Remove the file, and each folder up to and with `home` that is empty then; nothing there is fine."""
    try:
        path.with_name(f"{path.name}.unfinished").unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    except NotADirectoryError:
        return
    except OSError as error:
        raise _refused(path, error) from None
    remove_empty(path.parent, home=home)


def remove_tree(path: Path, *, home: Path) -> None:
    with suppress(FileNotFoundError):
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _refused(path, error) from None
    remove_empty(path.parent, home=home)


def remove_empty(folder: Path, *, home: Path) -> None:
    """Remove the folder and those above it, as far as `home`, until one is not empty."""
    for current in (folder, *folder.parents):
        if not current.is_relative_to(home):
            return
        try:
            current.rmdir()
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                return
            raise _refused(current, error) from None


def _refused(path: Path, error: OSError) -> LocalError:
    return LocalError(f"{path} cannot be changed ({error.strerror}): check its rights and the disk, and try again")
