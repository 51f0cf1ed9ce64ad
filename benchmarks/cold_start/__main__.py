"""`make bench-cold`: measure the starts of each target's functions, and print and keep the figures.

`python -m benchmarks.cold_start [TARGET ...] [--runs N] [--write FILE]`. Every process starts from what its platform
runs: the packages as they are deployed, but for this machine, in folders that bytecode is not written to.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cold_start import aws, gcp
from benchmarks.cold_start.measuring import Figures, Target, measured, show, summary
from components.aws._package import Platform
from components.aws._package_tools import Compiler, compiler_for

TARGETS = {target.name: target for target in (aws.TARGET, gcp.TARGET)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{' or '.join(TARGETS)}; each of them by default")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument(
        "--write", type=Path, help="where to keep the figures, as JSON; of other targets it keeps what is there"
    )
    options = parser.parse_args(arguments)
    for name in options.targets or TARGETS:
        if name not in TARGETS:
            parser.error(f"there is no target {name}, only {' and '.join(TARGETS)}")
        target = TARGETS[name]
        compiler = compiler_for(Platform(machine=platform.machine(), python=target.python))
        if compiler is None:
            parser.error(
                f"there is no python{target.python} on PATH, which is what {name} runs: install it, or add its folder"
            )
        figures = _figures(target, compiler, options.runs)
        show(target, figures)
        if options.write:
            _keep(figures, name, options.write)


def _figures(target: Target, compiler: Compiler, runs: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="cold-start-") as scratch:
        return summary(target, measured(target.cases(Path(scratch), compiler), compiler, runs), compiler, runs)


def _keep(figures: Figures, name: str, file: Path) -> None:
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept[name] = figures
    file.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
