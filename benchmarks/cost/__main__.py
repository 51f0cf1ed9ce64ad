"""`make cost STACK=prod ORDERS=1000000`: what that many orders cost a stack, beside the reference's design.

Counts come from the end-to-end run on ministack (benchmarks/results/aws-calls.json), prices from prices-aws.json, and
what is counted of what from the stack's file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cost.pricing import COUNTED
from benchmarks.cost.report import RUNS, Sources, report
from benchmarks.cost.stack import Stack
from components.errors import ConfigError

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CALLS = HERE.parent / "results" / "aws-calls.json"
RECORD = 'eval "$(make -s env)" && WRITE_AWS_CALLS=1 .venv/bin/pytest tests/e2e/aws/test_bill.py'


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--stack", default="prod", help="whose bill it is: its file says what is billed")
    parser.add_argument("--calls", type=Path, default=CALLS, help="what was counted")
    options = parser.parse_args(arguments)
    sources = Sources(
        prices=_read(HERE / "prices-aws.json"),
        reference=_read(HERE / "reference-aws.json"),
        counted=_read(options.calls),
    )
    if missing := sorted(uncounted(sources.counted)):
        print(f"cost: {options.calls} has no {', '.join(missing)}; count anew: {RECORD}", file=sys.stderr)
        return 2
    try:
        stack = Stack.read((ROOT / f"Pulumi.{options.stack}.yaml").read_text(encoding="utf-8"), options.stack)
    except FileNotFoundError:
        print(f"cost: there is no Pulumi.{options.stack}.yaml; STACK is one of {', '.join(_stacks())}", file=sys.stderr)
        return 2
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(report(sources, stack, orders=options.orders)))
    return 0


def _stacks() -> list[str]:
    return sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))


def uncounted(counted: Mapping[str, Any]) -> Iterator[str]:
    """What is priced and was not counted, by an older run or a broken one."""
    for run in RUNS.values():
        yield from (f"{what} of {run}" for what in COUNTED if what not in counted.get(run, {}))


def _read(file: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
