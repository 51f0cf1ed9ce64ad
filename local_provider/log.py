"""The run time's log file: kept small, and quoted where a start failed."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

from local_provider import files
from local_runtime.home import Home

FOLDER = "logs"
NAME = "run-time.log"
KEPT_FILES = 3
LARGEST_BYTES = 10 * 1024 * 1024
QUOTED_LINES = 12
QUOTED_BYTES = 16 * 1024


def rotated(home: Home) -> Path:
    """The file to append to: an old one that has grown beyond 10 MiB becomes `.1`, and that `.2`."""
    file = home.root / FOLDER / NAME
    files.make_folder(file.parent)
    file.touch(mode=0o600)
    if file.stat().st_size > LARGEST_BYTES:
        names = [file, *(file.with_name(f"{file.name}.{number}") for number in range(1, KEPT_FILES))]
        for newer, older in reversed(list(pairwise(names))):
            if newer.exists():
                newer.replace(older)
        file.touch(mode=0o600)
    return file


def remove(home: Home) -> None:
    """The log and the older ones beside it; whatever else is in their folder is not ours."""
    for file in (home.root / FOLDER).glob(f"{NAME}*"):
        files.remove(file, home=home.root)
    files.remove_empty(home.root / FOLDER, home=home.root)


def last_words(file: Path, *, since: int) -> str:
    """The last lines after the offset `since`, each on a line of its own with level and message."""
    with file.open("rb") as log:
        log.seek(max(since, file.stat().st_size - QUOTED_BYTES))
        lines = log.read().decode(errors="replace").splitlines()
    quoted = [_readable(line) for line in lines[-QUOTED_LINES:] if line.strip()]
    return "".join(f"\n  {line}" for line in quoted)


def _readable(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict) or "message" not in entry:
        return line
    return f"{entry.get('level', '')} {entry['message']}".strip()
