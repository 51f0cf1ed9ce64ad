"""What the run time runs and what it keeps, as digests: changed code starts it again, a new table is added."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN_BY_THE_RUN_TIME = ("functions", "local_runtime", "components/saga", "operations", "console")
SCHEMAS = ("functions/adapters/local/schema.sql", "local_runtime/schema.sql")
SUFFIXES = frozenset({".py", ".sql", ".html", ".css", ".js", ".svg"})


def code_digest(root: Path = ROOT) -> str:
    """The same wherever the checkout is and whenever its files were written."""
    found = (path for folder in RUN_BY_THE_RUN_TIME for path in (root / folder).rglob("*"))
    return _digest(root, (path for path in found if path.suffix in SUFFIXES))


def schema_digest(root: Path = ROOT) -> str:
    """Of every table of the database, the run time's own too."""
    return _digest(root, (root / schema for schema in SCHEMAS))


def _digest(root: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
