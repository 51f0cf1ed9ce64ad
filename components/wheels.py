"""What a package brings along: wheels for another machine than this one, as bytecode too, and nothing that would not
load there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from components.packing import File, PackageError

TIMEOUT_SECONDS = 300
FOLDERS_LEFT_OUT = frozenset({"bin", "tests", "test"})
"""Wherever they are."""
WRITTEN_BY_INSTALLERS = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", ".lock"})
"""They say where and when, or list what is left out."""
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


@dataclass(frozen=True, kw_only=True)
class Compiler:
    """A Python that writes the bytecode which the runtime reads; every patch release of a minor version does."""

    executable: str
    version: str


def install(requirements: str, folder: Path, platform: Platform) -> None:
    """Wheels alone, each with its hash, and no bytecode of some other Python; raises PackageError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    locked = folder.with_name("requirements.txt")
    locked.write_text(requirements, encoding="utf-8")
    finished = _run(
        *(_uv(), "pip", "install", "--quiet", "--target", str(folder), "--python", sys.executable),
        *("--python-platform", platform.manylinux, "--python-version", platform.python),
        *("--only-binary", ":all:", "--require-hashes", "--no-deps", "--no-compile", "--link-mode", "copy"),
        *("--requirement", str(locked)),
    )
    locked.unlink()
    if finished.returncode:
        raise PackageError(
            f"what functions need on {platform.machine} could not be installed: "
            f"make sure that the package index can be reached, and try again. uv says:\n{finished.stderr.strip()}"
        )
    # uv keeps what it has unpacked, and hands out what some Python has left there since.
    for bytecode in list(folder.rglob("__pycache__")):
        shutil.rmtree(bytecode)


def compiler_for(platform: Platform) -> Compiler | None:
    """The running Python if it will do, else the first on PATH that does, else none."""
    on_path = (Path(folder) / f"python{platform.python}" for folder in os.get_exec_path())
    for executable in (Path(sys.executable), *on_path):
        if executable.is_file():
            # It may be a stand-in that starts nothing, as pyenv leaves them for each Python that it has.
            version = _run(str(executable), "-I", "-c", "import platform; print(platform.python_version())")
            if version.stdout.startswith(f"{platform.python}."):
                return Compiler(executable=str(executable), version=version.stdout.strip())
    return None


def compile_in(folder: Path, compiler: Compiler, *, runs_in: str) -> None:
    """Raises PackageError. Tracebacks name the file in the folder that it `runs_in`, not the one it was compiled from;
    the bytecode is not checked against its source, which nothing can change in a package.
    """
    finished = _run(
        *(compiler.executable, "-I", "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash"),
        *("-s", str(folder), "-p", runs_in, str(folder)),
    )
    if finished.returncode:
        raise PackageError(
            f"Python {compiler.version} cannot compile what goes into a package: mend it, or pin another version. "
            f"It says:\n{finished.stdout.strip()}"
        )


def packed_files(folder: Path, platform: Platform, *, unused: Iterable[str] = ()) -> Iterator[File]:
    """What of the folder a function needs; raises PackageError for a library that would not load there."""
    left_out = tuple(unused)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not _is_left_out(name) and not any(name.is_relative_to(part) for part in left_out):
            file = File(name=name.as_posix(), content=path.read_bytes())
            if file.is_library:
                _check_library(file, platform)
            yield file


def _is_left_out(name: Path) -> bool:
    return (
        bool(FOLDERS_LEFT_OUT.intersection(name.parts[:-1]))
        or name.name in WRITTEN_BY_INSTALLERS
        or name.suffix == ".pyi"
    )


def _check_library(file: File, platform: Platform) -> None:
    machine = int.from_bytes(file.content[18:20], "little") if file.content[:4] == b"\x7fELF" else None
    if machine != ELF_MACHINES[platform.machine] or not file.name.endswith(platform.library_names):
        raise PackageError(
            f"{file.name} is not made for Python {platform.python} on {platform.machine}, and would not load there: "
            "pin a version of its package that has such a wheel and run make lock"
        )


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise PackageError(f"{Path(command[0]).name} did not end in {TIMEOUT_SECONDS} s: try again") from None


def _uv() -> str:
    """The one beside the running interpreter, else the one on PATH."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise PackageError("there is no uv to build packages with: run make up, or pip install uv")
    return found
