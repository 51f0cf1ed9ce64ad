"""A package of sources and of all that they need: the same bytes wherever it is built, and built once.

It is a zip named by the digest of all that decides its bytes, kept in `.orderly/packages`: a second `pulumi up` starts
no uv and asks no package index. A build that is killed leaves nothing under that name.

Bytecode goes in where the machine has a Python of the runtime's minor version to make it: a function's folder is
read-only, so without it each cold start compiles every module anew, which took an API a third of its start on AWS and
more than half on Azure. Where it does not go in, a warning says so.
Two patch releases may write different bytecode, so machines that should build the same zip need the same one.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components import packing, wheels
from components.packing import File, write_zip
from components.wheels import Compiler, Platform, compile_in, compiler_for, install, packed_files


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a runtime wants of a package: made for its platform, unpacked in the folder that it `runs_in`, with the
    libraries in a folder of their own where it looks for them there. `unused` is what of them no function needs.
    """

    platform: Platform
    runs_in: str
    libraries: str = "."
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Package:
    name: str
    sources: tuple[File, ...]
    requirements: str
    """Each with its hash."""
    layout: Layout

    def built(self, kept: Path, *, check: Callable[[Path], None] | None = None) -> Path:
        """Where the zip is, built now if it was not before; raises PackageError, with what to do, as `check` may."""
        compiler = compiler_for(self.layout.platform)
        if compiler is None:
            pulumi.log.warn(self._uncompiled())
        path = kept / f"{self.name}-{self._digest(compiler)}.zip"
        if not path.exists():
            kept.mkdir(parents=True, exist_ok=True)
            # In the same folder, because a file moves at one stroke only within its file system.
            with tempfile.TemporaryDirectory(prefix="building-", dir=kept) as scratch:
                unfinished = self._written(Path(scratch), compiler)
                if check:
                    check(unfinished)
                unfinished.replace(path)
        return path

    def _written(self, scratch: Path, compiler: Compiler | None) -> Path:
        folder, layout = scratch / "packed", self.layout
        install(self.requirements, folder / layout.libraries, layout.platform)
        for source in self.sources:
            source.write_below(folder)
        if compiler:
            compile_in(folder, compiler, runs_in=layout.runs_in)
        unused = [f"{layout.libraries}/{part}" for part in layout.unused]
        path = scratch / f"{self.name}.zip"
        write_zip(path, packed_files(folder, layout.platform, unused=unused))
        return path

    def _uncompiled(self) -> str:
        python = f"python{self.layout.platform.python}"
        return (
            f"package {self.name} has no bytecode, because there is no {python} on the PATH: each cold start compiles "
            "every module anew, and takes from one and a half times to over twice as long. Put a "
            f"{python} that starts on the PATH, and deploy again"
        )

    def _digest(self, compiler: Compiler | None) -> str:
        """Of the builder too: what it leaves out is part of what comes out."""
        digest = hashlib.sha256(f"{self.layout}\n{compiler and compiler.version}\n{self.requirements}".encode())
        for file in (*self.sources, *_builder()):
            digest.update(f"\n{file.name}\n{hashlib.sha256(file.content).hexdigest()}".encode())
        return digest.hexdigest()[:16]


def _builder() -> Iterable[File]:
    for module in (__file__, packing.__file__, wheels.__file__):
        yield File(name=Path(module).name, content=Path(module).read_bytes())
