"""`make bench-cold`: measure the starts of each target's functions, and print and keep the figures.

`python -m benchmarks.cold_start [TARGET ...] [--runs N] [--write FILE]`. Every process starts from what its platform
runs: the packages as they are deployed, but for this machine, in folders that bytecode is not written to.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.arguments import at_least_one
from benchmarks.cold_start import aws, azure, gcp
from benchmarks.cold_start.measuring import Figures, Target, measured, show, summary
from components.wheels import Compiler, Platform, compiler_for

TARGETS: Mapping[str, Target] = {target.name: target for target in (aws.TARGET, gcp.TARGET, azure.TARGET)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all of them by default")
    parser.add_argument("--runs", type=at_least_one, default=15)
    parser.add_argument(
        "--write", type=Path, help="where to keep the figures, as JSON; of other targets it keeps what is there"
    )
    options = parser.parse_args(arguments)
    compilers = {name: _compiler(parser, name) for name in options.targets or TARGETS}
    for name, compiler in compilers.items():
        figures = _figures(TARGETS[name], compiler, options.runs)
        show(TARGETS[name], figures)
        if options.write:
            _keep(figures, name, options.write)


def _compiler(parser: argparse.ArgumentParser, name: str) -> Compiler:
    """What a target's Python is here; the command ends where there is none."""
    if name not in TARGETS:
        parser.error(f"there is no target {name}, only {', '.join(TARGETS)}")
    python = TARGETS[name].python
    compiler = compiler_for(Platform(machine=platform.machine(), python=python))
    if compiler is None:
        parser.error(f"there is no python{python} on PATH, which is what {name} runs: install it, or add its folder")
    return compiler


def _figures(target: Target, compiler: Compiler, runs: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="cold-start-") as scratch, target.cases(Path(scratch), compiler) as cases:
        return summary(target, cases, measured(cases, compiler, runs), compiler, runs)


def _keep(figures: Figures, name: str, file: Path) -> None:
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept[name] = figures
    file.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
