"""The zip that every function app runs: the same bytes from the same sources, wherever it is built.

Which handler an app runs its settings say, so all apps have one package. It is named by the digest of all that goes
into it and kept in `.orderly/packages`, so that it is built once: a second `pulumi up` starts no uv and asks no package
index. A build that is killed leaves nothing under that name. Nothing is left to be built on Azure.

Bytecode goes in where the machine has a Python of the runtime's minor version to make it: an app's folder is mounted
read-only, so without it each cold start compiles every module anew. Two patch releases may write different bytecode, so
machines that should build the same zip need the same one.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from components import packing, wheels
from components.azure._host import HOST
from components.packing import KEPT, ROOT, File, sources, write_zip
from components.wheels import Compiler, Platform, compile_in, compiler_for, install, packed_files

FLEX = Platform(machine="x86_64", python="3.13")
APP_ROOT = "/home/site/wwwroot"
"""Where the package is mounted."""
LIBRARIES = ".python_packages/lib/site-packages"
"""Where the worker looks for what an app brings along."""
REQUIREMENTS = "requirements/functions/azure.txt"
ENTRY_POINT = "functions/entrypoints/azure/function_app.py"
AT_THE_ROOT = {ENTRY_POINT: "function_app.py"}
"""What the worker looks for at the root, and where it is here."""
UNUSED = ("azure/durable_functions/openai_agents",)
"""Of the libraries: it needs a package that is not there."""


@cache
def package(*, platform: Platform = FLEX, root: Path = ROOT, kept: Path = KEPT) -> Path:
    """Where the zip is, built now if it was not before; raises PackageError, with what to do."""
    ours = tuple(_ours(root))
    requirements = (root / REQUIREMENTS).read_text(encoding="utf-8")
    compiler = compiler_for(platform)
    built = kept / f"azure-{_digest(ours, requirements, platform, compiler)}.zip"
    if not built.exists():
        _build(built, ours, requirements, platform, compiler)
    return built


def _ours(root: Path) -> Iterator[File]:
    for file in sources(root, "azure"):
        yield replace(file, name=AT_THE_ROOT.get(file.name, file.name))
    yield File(name="host.json", content=json.dumps(HOST, indent=2).encode() + b"\n")


def _build(built: Path, ours: Iterable[File], requirements: str, platform: Platform, compiler: Compiler | None) -> None:
    built.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, because a file moves at one stroke only within its file system.
    with tempfile.TemporaryDirectory(prefix="building-", dir=built.parent) as scratch:
        folder = Path(scratch) / "packed"
        install(requirements, folder / LIBRARIES, platform)
        for file in ours:
            file.write_below(folder)
        if compiler:
            compile_in(folder, compiler, runs_in=APP_ROOT)
        unfinished = Path(scratch) / built.name
        write_zip(unfinished, packed_files(folder, platform, unused=[f"{LIBRARIES}/{part}" for part in UNUSED]))
        unfinished.replace(built)


def _digest(ours: Iterable[File], requirements: str, platform: Platform, compiler: Compiler | None) -> str:
    """Of the builder too: what it leaves out is part of what comes out."""
    digest = hashlib.sha256(f"{platform}\n{compiler and compiler.version}\n{requirements}".encode())
    modules = (Path(__file__), Path(packing.__file__), Path(wheels.__file__))
    builder = [File(name=path.name, content=path.read_bytes()) for path in modules]
    for file in (*ours, *builder):
        digest.update(f"\n{file.name}\n{hashlib.sha256(file.content).hexdigest()}".encode())
    return digest.hexdigest()[:16]
