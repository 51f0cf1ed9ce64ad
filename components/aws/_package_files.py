"""What is in a package, and the zip that comes of it: no clock, umask, user or order of a file system goes into it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pulumi

MAX_ZIPPED_BYTES = 50 * 1024 * 1024
MAX_BYTES = 250 * 1024 * 1024
"""docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: a zip that is uploaded, and what comes out of it."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip can say."""
UNIX = 3
FILE_MODE = 0o100644
LIBRARY_MODE = 0o100755

FOLDERS_LEFT_OUT = frozenset({"bin", "tests", "test"})
"""Wherever they are."""
WRITTEN_BY_INSTALLERS = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", ".lock"})
"""They say where and when, or list what is left out."""
UNUSED = ("aws_lambda_powertools/event_handler", "aws_lambda_powertools/utilities/parser")
"""Powertools' web framework, with a copy of Swagger UI, and its models for pydantic: a quarter of the zip."""

ELF_MACHINES = {"aarch64": 183, "x86_64": 62}
"""`e_machine` of the ELF header, bytes 18 and 19."""


class PackageError(pulumi.RunError):
    """A package cannot be built; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Linux with glibc 2.28 or newer, the `machine` that libraries are made for, and the minor version of Python."""

    machine: str
    python: str

    @property
    def manylinux(self) -> str:
        return f"{self.machine}-manylinux_2_28"

    @property
    def library_names(self) -> tuple[str, str]:
        """How they end: made for this Python alone, or for every Python 3."""
        return (f".cpython-{self.python.replace('.', '')}-{self.machine}-linux-gnu.so", ".abi3.so")


LAMBDA = Platform(machine="aarch64", python="3.13")


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


def packed_files(folder: Path, platform: Platform) -> Iterator[File]:
    """What of the folder a function needs; raises PackageError for a library that would not load there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _is_left_out(path.relative_to(folder)):
            file = File(name=path.relative_to(folder).as_posix(), content=path.read_bytes())
            if file.is_library:
                _check_library(file, platform)
            yield file


def write_zip(path: Path, files: Iterable[File]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(files, key=lambda file: file.name):
            entry = zipfile.ZipInfo(file.name, date_time=EPOCH)
            entry.create_system = UNIX
            entry.external_attr = (LIBRARY_MODE if file.is_library else FILE_MODE) << 16
            archive.writestr(entry, file.content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)


def check_size(path: Path) -> None:
    """Raises PackageError for more than Lambda takes."""
    with zipfile.ZipFile(path) as archive:
        unzipped = sum(entry.file_size for entry in archive.infolist())
    for what, size, allowed in (("zipped", path.stat().st_size, MAX_ZIPPED_BYTES), ("unzipped", unzipped, MAX_BYTES)):
        if size > allowed:
            raise PackageError(
                f"{path.name} has {size:,} bytes {what}; Lambda allows {allowed:,}: "
                "take a dependency out of requirements/functions and run make lock"
            )


def _is_left_out(name: Path) -> bool:
    return (
        bool(FOLDERS_LEFT_OUT.intersection(name.parts[:-1]))
        or name.name in WRITTEN_BY_INSTALLERS
        or name.suffix == ".pyi"
        or any(name.is_relative_to(folder) for folder in UNUSED)
    )


def _check_library(file: File, platform: Platform) -> None:
    machine = int.from_bytes(file.content[18:20], "little") if file.content[:4] == b"\x7fELF" else None
    if machine != ELF_MACHINES[platform.machine] or not file.name.endswith(platform.library_names):
        raise PackageError(
            f"{file.name} is not made for Python {platform.python} on {platform.machine}, and would not load there: "
            "pin a version of its package that has such a wheel and run make lock"
        )
