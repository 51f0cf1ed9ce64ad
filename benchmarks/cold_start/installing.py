"""What ours is compared with: the APIs of benchmarks/cold_apis and the frameworks that they stand on."""

from __future__ import annotations

from pathlib import Path

from components.packing import ROOT
from components.wheels import Compiler, Platform, compile_in, install

APIS = ROOT / "benchmarks" / "cold_apis"
REQUIREMENTS = ROOT / "requirements" / "benchmarks.txt"


def rivals(scratch: Path, platform: Platform, compiler: Compiler) -> Path:
    """The folder with all of them, compiled."""
    folder = scratch / "rivals"
    install(REQUIREMENTS.read_text(encoding="utf-8"), folder, platform)
    for source in APIS.glob("*.py"):
        (folder / source.name).write_bytes(source.read_bytes())
    compile_in(folder, compiler, runs_in=str(folder))
    return folder
