"""What others do for a package: uv installs for another machine than this one, and a Python compiles."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from components.aws._package_files import Platform
from components.packing import PackageError

TIMEOUT_SECONDS = 300
TASK_ROOT = "/var/task"
"""Where Lambda unpacks a zip: so tracebacks name the file that runs, not the one it was compiled from."""


@dataclass(frozen=True, kw_only=True)
class Compiler:
    """A Python that writes the bytecode which the runtime reads; every patch release of a minor version does."""

    executable: str
    version: str


def install(requirements: str, folder: Path, platform: Platform) -> None:
    """Wheels alone, each with its hash; raises PackageError."""
    locked = folder.with_name("requirements.txt")
    locked.write_text(requirements, encoding="utf-8")
    finished = _run(
        *(_uv(), "pip", "install", "--quiet", "--target", str(folder), "--python", sys.executable),
        *("--python-platform", platform.manylinux, "--python-version", platform.python),
        *("--only-binary", ":all:", "--require-hashes", "--no-deps", "--no-compile", "--link-mode", "copy"),
        *("--requirement", str(locked)),
    )
    if finished.returncode:
        raise PackageError(
            f"what functions need on {platform.machine} could not be installed: "
            f"make sure that the package index can be reached, and try again. uv says:\n{finished.stderr.strip()}"
        )


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


def clear_bytecode(folder: Path) -> None:
    """uv keeps what it has unpacked, and hands out what some Python has left there since."""
    for bytecode in list(folder.rglob("__pycache__")):
        shutil.rmtree(bytecode)


def compile_in(folder: Path, compiler: Compiler) -> None:
    """Raises PackageError. The bytecode is not checked against its source, which nothing can change in a zip."""
    finished = _run(
        *(compiler.executable, "-I", "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash"),
        *("-s", str(folder), "-p", TASK_ROOT, str(folder)),
    )
    if finished.returncode:
        raise PackageError(
            f"Python {compiler.version} cannot compile what goes into a package: mend it, or pin another version. "
            f"It says:\n{finished.stdout.strip()}"
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
