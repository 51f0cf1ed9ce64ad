"""`make bench`: how fast the local system is, next to DBOS, to bare SQLite and to itself with more stored.

`python -m benchmarks.local [--dbos-python PYTHON] [--write FILE]`. Everything is measured in one run, on one disk, and
what is compared is measured in turn. Ours is the whole order, over HTTP and with queues, relay and every event; DBOS's
is the saga alone, with as many durable writes in its steps. Without an interpreter that has DBOS one is made, from the
package index that pip is set up with.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import on_dbos
from benchmarks.local import cases, machine
from benchmarks.local.cases import Figures
from benchmarks.local.home import declare
from benchmarks.local.process import BenchmarkError, end_in_order, running
from benchmarks.local.report import show
from benchmarks.local.scale import FULL, Scale

UNCOMPARED = (
    f"{on_dbos.REQUIREMENT} cannot be had, so --write would keep figures that lack it: give an interpreter that has it "
    "with --dbos-python, or leave --write out"
)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.local", description=__doc__)
    parser.add_argument("--dbos-python", type=Path, help="an interpreter that has DBOS")
    parser.add_argument("--write", type=Path, help="where to keep the figures, as JSON")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-local-") as folder:
        python = on_dbos.interpreter(options.dbos_python, Path(folder))
        if options.write and python is None:
            print(f"benchmarks.local: {UNCOMPARED}", file=sys.stderr)
            sys.exit(2)
        try:
            figures = measured(Path(folder), python, FULL)
        except (BenchmarkError, on_dbos.DbosError) as error:
            sys.exit(f"benchmarks.local: {error}")
    if options.write:
        options.write.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    show(figures)


def measured(scratch: Path, python: Path | None, scale: Scale) -> Figures:
    """`python` has DBOS; raises BenchmarkError or DbosError when something that was to be measured did not happen."""
    figures: Figures = {"machine": {**machine.described(scratch), "load_before": machine.load()}}
    with running(declare(scratch / "system")) as system:
        users, figures["ramp"] = cases.ramp(system, scale)
        figures["saturation"] = cases.beside_dbos(system, users, python, scratch, scale)
        rate = figures["saturation"]["rates"]["orders"]["median"]
        figures["half_load"] = cases.half_load(system, rate, scale)
    figures["stored"] = cases.with_many_stored(scratch, users, scale)
    figures["start_up"] = cases.start_up(scratch / "started", scale)
    figures["machine"]["load_after"] = machine.load()
    return figures


if __name__ == "__main__":
    end_in_order()
    main()
