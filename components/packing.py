"""What of the project a function brings along, and a zip: no clock, umask, user or order of a file system goes in."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.targets import TARGET_NAMES, TargetName

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".orderly" / "packages"

SOURCES = ("functions/**/*.py", "components/__init__.py", "components/saga/__init__.py")
OF_THE_SAGA = ("components/saga/start.py", "components/saga/definition.py")
"""What a run may be started with; the compilers and the executor stay at home."""
BY_TARGET = (("functions", "adapters"), ("functions", "entrypoints"))
"""Folders that have a part for each target, beside what all of them share."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip can say."""
UNIX = 3
FILE_MODE = 0o100644
LIBRARY_MODE = 0o100755


class PackageError(pulumi.RunError):
    """A package cannot be built; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class File:
    name: str
    content: bytes

    @property
    def is_library(self) -> bool:
        return self.name.endswith(".so")

    def write_below(self, folder: Path) -> None:
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.content)


def sources(root: Path, target: TargetName) -> Iterator[File]:
    """What runs on the target, without what is another's; sorted by name."""
    for path in sorted(path for pattern in (*SOURCES, *OF_THE_SAGA) for path in root.glob(pattern)):
        name = path.relative_to(root)
        if not _is_anothers(name, target):
            yield File(name=name.as_posix(), content=path.read_bytes())


def write_zip(path: Path, files: Iterable[File], *, compression: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(files, key=lambda file: file.name):
            entry = zipfile.ZipInfo(file.name, date_time=EPOCH)
            entry.create_system = UNIX
            entry.external_attr = (LIBRARY_MODE if file.is_library else FILE_MODE) << 16
            archive.writestr(entry, file.content, compress_type=compression, compresslevel=9)


def _is_anothers(name: Path, target: TargetName) -> bool:
    part = name.parts[2].removesuffix(".py") if name.parts[:2] in BY_TARGET else target
    return part in TARGET_NAMES and part != target
