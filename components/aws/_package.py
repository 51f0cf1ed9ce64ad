"""The zips that functions run from: the same bytes from the same sources, wherever they are built.

A zip is named by the digest of all that goes into it and kept in `.orderly/packages`, so that it is built once: a
second `pulumi up` starts no uv and asks no package index. A build that is killed leaves nothing under that name.

Bytecode goes in where the machine has a Python of the runtime's minor version to make it: a function's folder is
read-only, so without it each cold start compiles every module anew, which took an API a third of its start.
Two patch releases may write different bytecode, so machines that should build the same zip need the same one.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from components import packing
from components.aws._package_files import LAMBDA, Platform, check_size, packed_files
from components.aws._package_tools import Compiler, clear_bytecode, compile_in, compiler_for, install
from components.packing import KEPT, ROOT, File, write_zip

__all__ = ["LAMBDA", "ROOT", "Platform", "package"]

REQUIREMENTS: Mapping[str, str] = {
    "functions": "requirements/functions/aws.txt",
    "authorizer": "requirements/functions/aws-authorizer.txt",
}
"""By package. The authorizer stands alone: only it needs cryptography, which is larger than all the rest."""

PROVIDED = frozenset({"botocore", "jmespath", "python-dateutil", "six"})
"""The runtime has them: boto3 comes with Lambda's Python, and these come with boto3. They are 33 MB of 45, and AWS
patches them. urllib3 is brought along: the runtime's may be of another major version than partners are called with."""


@cache
def package(name: str, *, platform: Platform = LAMBDA, root: Path = ROOT, kept: Path = KEPT) -> Path:
    """Where the zip is, built now if it was not before; raises PackageError, with what to do."""
    sources = tuple(packing.sources(root, "aws"))
    requirements = (root / REQUIREMENTS[name]).read_text(encoding="utf-8")
    compiler = compiler_for(platform)
    built = kept / f"{name}-{_digest(sources, requirements, platform, compiler)}.zip"
    if not built.exists():
        _build(built, sources, without(requirements, PROVIDED), platform, compiler)
    return built


def without(requirements: str, names: Iterable[str]) -> str:
    """A locked requirement begins at a line's start; its hashes and comments follow, indented."""
    kept: list[str] = []
    keeping = True
    for line in requirements.splitlines():
        if line and not line[0].isspace():
            keeping = line.partition("==")[0] not in names
        if keeping:
            kept.append(line)
    return "\n".join(kept) + "\n"


def _build(
    built: Path, sources: Iterable[File], requirements: str, platform: Platform, compiler: Compiler | None
) -> None:
    built.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, because a file moves at one stroke only within its file system.
    with tempfile.TemporaryDirectory(prefix="building-", dir=built.parent) as scratch:
        folder = Path(scratch) / "packed"
        install(requirements, folder, platform)
        clear_bytecode(folder)
        for source in sources:
            source.write_below(folder)
        if compiler:
            compile_in(folder, compiler)
        unfinished = Path(scratch) / built.name
        write_zip(unfinished, packed_files(folder, platform))
        check_size(unfinished)
        unfinished.replace(built)


def _digest(sources: Iterable[File], requirements: str, platform: Platform, compiler: Compiler | None) -> str:
    """Of the builder too: what it leaves out is part of what comes out."""
    digest = hashlib.sha256(f"{platform}\n{compiler and compiler.version}\n{requirements}".encode())
    modules = (*sorted(Path(__file__).parent.glob("_pack*")), Path(packing.__file__))
    builder = [File(name=path.name, content=path.read_bytes()) for path in modules]
    for file in (*sources, *builder):
        digest.update(f"\n{file.name}\n{hashlib.sha256(file.content).hexdigest()}".encode())
    return digest.hexdigest()[:16]
