"""`make cost STACK=prod ORDERS=1000000`: what that many orders cost a stack, beside the reference's design.

A stack is priced on its own target, where that is a cloud, or as if it were on another. Counts come from the end-to-end
runs on this machine (benchmarks/results/TARGET-calls.json), prices from the target's prices.json, and what is counted
of what from the stack's file.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.arguments import at_least_one
from benchmarks.cost.aws.bill import AwsBill
from benchmarks.cost.azure.bill import AzureBill
from benchmarks.cost.bill import Bill, Sources
from benchmarks.cost.gcp.bill import GcpBill
from benchmarks.cost.report import report
from benchmarks.cost.stackfile import StackFile
from components.errors import ConfigError
from components.stackfile import StackFileError

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results"
BILLS: Mapping[str, type[Bill[Any]]] = {bill.TARGET: bill for bill in (AwsBill, GcpBill, AzureBill)}
WHERE_NONE_IS_BILLED = "aws"
"""As which target a stack is priced that is on this machine."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=__doc__)
    parser.add_argument("--orders", type=at_least_one, default=1_000_000)
    parser.add_argument("--stack", default="prod", help="whose bill it is: its file says what is billed")
    parser.add_argument("--target", choices=BILLS, help="as if the stack were there; by default where it is")
    parser.add_argument("--calls", type=Path, help="what was counted, if it is not the target's own file")
    options = parser.parse_args(arguments)
    try:
        file = StackFile.of(options.stack)
    except StackFileError as error:
        print(f"cost: {error}", file=sys.stderr)
        return 2
    kind = priced_on(file, options.target)
    calls = options.calls or RESULTS / f"{kind.TARGET}-calls.json"
    counted = _read(calls) if calls.exists() else {}
    if missing := sorted(kind.uncounted(counted)):
        print(f"cost: {calls} has no {', '.join(missing)}; count anew: {_record(kind.TARGET)}", file=sys.stderr)
        return 2
    try:
        bill = kind.of(file, _sources(kind.TARGET, counted))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    _show("\n".join(report(bill, orders=options.orders)))
    return 0


def priced_on(file: StackFile, wanted: str | None) -> type[Bill[Any]]:
    """The bill of the target that is wanted, else of the stack's own."""
    return BILLS.get(wanted or file.target or "", BILLS[WHERE_NONE_IS_BILLED])


def _show(text: str) -> None:
    """Whoever reads may have enough of it before the end, as `head` has."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sources(target: str, counted: Mapping[str, Any]) -> Sources:
    folder = HERE / target
    return Sources(prices=_read(folder / "prices.json"), reference=_read(folder / "reference.json"), counted=counted)


def _record(target: str) -> str:
    written = f"WRITE_{target.upper()}_CALLS=1"
    return f'eval "$(make -s env)" && {written} .venv/bin/pytest tests/e2e/{target}/test_bill.py'


def _read(file: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
