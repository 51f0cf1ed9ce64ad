"""What of a folder goes into a package, and how much Lambda takes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from components.packing import File, PackageError

MAX_ZIPPED_BYTES = 50 * 1024 * 1024
MAX_BYTES = 250 * 1024 * 1024
"""docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: a zip that is uploaded, and what comes out of it."""

FOLDERS_LEFT_OUT = frozenset({"bin", "tests", "test"})
"""Wherever they are."""
WRITTEN_BY_INSTALLERS = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", ".lock"})
"""They say where and when, or list what is left out."""
UNUSED = ("aws_lambda_powertools/event_handler", "aws_lambda_powertools/utilities/parser")
"""Powertools' web framework, with a copy of Swagger UI, and its models for pydantic: a quarter of the zip."""

ELF_MACHINES = {"aarch64": 183, "x86_64": 62}
"""`e_machine` of the ELF header, bytes 18 and 19."""


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


def packed_files(folder: Path, platform: Platform) -> Iterator[File]:
    """What of the folder a function needs; raises PackageError for a library that would not load there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _is_left_out(path.relative_to(folder)):
            file = File(name=path.relative_to(folder).as_posix(), content=path.read_bytes())
            if file.is_library:
                _check_library(file, platform)
            yield file


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
