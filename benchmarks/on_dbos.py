"""Workflows on DBOS, in an environment of its own: it pins what we pin, and nothing of ours loads it."""

from __future__ import annotations

import json
import subprocess
import tempfile
import venv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

REQUIREMENT = "dbos==3.4.0"
JournalMode = Literal["DELETE", "WAL"]
AS_IT_COMES: JournalMode = "DELETE"
"""The journal mode of a new SQLite file, which DBOS leaves as it is."""
SECONDS = 600.0
"""Longer than it may take to have DBOS, or to measure it once."""


class DbosError(Exception):
    """It was to be measured, and could not be."""


@dataclass(frozen=True)
class Rates:
    """Workflows a second: all started at once, and each after the one before."""

    side_by_side: float
    one_by_one: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many workflows, and for each of their steps how many durable writes of its own it makes."""

    side_by_side: int
    one_by_one: int
    writes: Sequence[int]
    journal_mode: JournalMode
    """Of DBOS's own file."""


def measured(python: Path, plan: Plan, scratch: Path) -> Rates:
    """In a new folder within `scratch`; raises DbosError when it fails, as it has said, or takes too long."""
    folder = tempfile.mkdtemp(dir=scratch)
    command = [str(python), str(Path(__file__).with_name("dbos_steps.py")), folder, json.dumps(asdict(plan))]
    try:
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=SECONDS).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise DbosError(f"{REQUIREMENT} cannot be measured with {python}: {error}") from None
    return Rates(**json.loads(printed))


def interpreter(given: Path | None, scratch: Path) -> Path | None:
    """The one that was given, or one made from the package index that pip is set up with; None where that fails, for
    the reason that pip prints.
    """
    if given:
        return given
    venv.create(scratch / "venv", with_pip=True)
    python = scratch / "venv" / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENT]
    with suppress(subprocess.TimeoutExpired):
        if subprocess.run(command, check=False, timeout=SECONDS).returncode == 0:
            return python
    return None
