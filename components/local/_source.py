"""The code that the run time runs, as one digest: a changed file starts the run time again."""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN_BY_THE_RUN_TIME = ("functions", "local_runtime", "components/saga")
SUFFIXES = frozenset({".py", ".sql"})


def code_digest(root: Path = ROOT) -> str:
    """The same wherever the checkout is and whenever its files were written."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in RUN_BY_THE_RUN_TIME for path in (root / folder).rglob("*")):
        if path.suffix in SUFFIXES:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
