"""The archive of sources that every function is built from: the same bytes wherever it is made, named by their hash.

Google's buildpack installs what `requirements.txt` pins, each with its hash, and starts what `main.py` has by a
function's entry point; so dependencies are no part of it, and building it asks nobody anything.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from components.packing import KEPT, ROOT, File, sources, write_zip

MAIN = "functions/entrypoints/gcp/main.py"
REQUIREMENTS = "requirements/functions/gcp.txt"
BUILD_VARIABLES: Mapping[str, str] = {"SOURCE_DATE_EPOCH": "315532801"}
"""Bytecode is then known by its source's hash (docs.python.org/3/library/py_compile.html). By default it is by its
source's time, which Google's build sets to 1980 after compiling: every cold start would compile all of ours anew."""
AT_THE_ROOT = {MAIN: "main.py", REQUIREMENTS: "requirements.txt"}
"""What the buildpack looks for at the root, and where it is here."""


@cache
def package(*, root: Path = ROOT, kept: Path = KEPT) -> Path:
    """Where the archive is. Written at one stroke, so that nobody finds half of it."""
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="building-", dir=kept) as scratch:
        unfinished = Path(scratch) / "source.zip"
        # Stored: what zlib makes of the same text differs from version to version.
        write_zip(unfinished, _files(root), compression=zipfile.ZIP_STORED)
        digest = hashlib.sha256(unfinished.read_bytes()).hexdigest()[:16]
        return unfinished.replace(kept / f"source-{digest}.zip")


def _files(root: Path) -> Iterator[File]:
    locked = File(name=REQUIREMENTS, content=(root / REQUIREMENTS).read_bytes())
    for file in (*sources(root, "gcp"), locked):
        yield replace(file, name=AT_THE_ROOT.get(file.name, file.name))
