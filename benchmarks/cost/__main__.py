"""`make cost STACK=prod ORDERS=1000000`: what that many orders cost a stack, beside the reference's design.

Counts come from the end-to-end run on ministack (benchmarks/results/aws-calls.json), prices from prices-aws.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.cost.pricing import Line, Prices, path, reference_path, total, whole

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CALLS = HERE.parent / "results" / "aws-calls.json"
KINDS = {"standard": "http-standard", "express": "rest-express"}
"""By durability, the run that it was counted on; which gateway stood before it changes no other count."""
TIMES_CHEAPER = 5
GIVES_UP = {
    "reference": "the outbox, events and their archive, a record of each step, compensation of what a branch did",
    "standard": "nothing: a run survives whatever happens, for up to a year",
    "express": "a run that is not over after five minutes ends there and then; its history is in the logs alone",
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--stack", default="prod", help="whose workflow the whole bill is of")
    options = parser.parse_args(arguments)
    durability = durability_of((ROOT / f"Pulumi.{options.stack}.yaml").read_text(encoding="utf-8"))
    prices, counted, reference = _prices(), _read(CALLS), _read(HERE / "reference-aws.json")
    print("\n".join(report(prices, counted, reference, orders=options.orders, durability=durability)))
    return 0


def durability_of(stack_file: str) -> str:
    """What the file says, or what holds where it says nothing."""
    written = (yaml.safe_load(stack_file).get("config") or {}).get("orderly:workflow") or {}
    return str(written.get("durability", "standard"))


def report(
    prices: Prices, counted: Mapping[str, Any], reference: Mapping[str, Any], *, orders: int, durability: str
) -> Iterator[str]:
    paths = {
        "reference": reference_path(prices, reference["calls"]),
        **{name: path(prices, counted[run], express=name == "express") for name, run in KINDS.items()},
    }
    yield f"US dollars for {orders:,} orders from request to end: gateway, functions, one event, workflow"
    yield from _compared(paths, orders)
    yield ""
    run = counted[KINDS[durability]]
    yield f"What was counted of everything that an order leads to, with a {durability} workflow behind an HTTP API"
    yield from _itemised(whole(prices, run, express=durability == "express"), orders)
    yield "  not in it: traces, metrics, keys, the bus's archive, other services' logs, what costs without an order"
    yield ""
    yield from _bars({name: total(lines) for name, lines in paths.items()}, counted, reference)


def _compared(paths: Mapping[str, Sequence[Line]], orders: int) -> Iterator[str]:
    for name, lines in paths.items():
        yield f"  {name:<10} {total(lines) * orders:>12,.2f}   gives up: {GIVES_UP[name]}"


def _itemised(lines: Sequence[Line], orders: int) -> Iterator[str]:
    for line in lines:
        yield f"  {line.what:<30} {line.units:>10.4g} an order {line.usd * orders:>12,.2f}"
    yield f"  {'in all':<30} {'':>10}          {total(lines) * orders:>12,.2f}"


def _bars(totals: Mapping[str, float], counted: Mapping[str, Any], reference: Mapping[str, Any]) -> Iterator[str]:
    times = totals["reference"] / totals["express"]
    yield f"{_met(times >= TIMES_CHEAPER)}: express is {times:.1f} times cheaper than the reference ({TIMES_CHEAPER})"
    share = totals["standard"] / totals["reference"]
    ours, theirs = counted[KINDS["standard"]]["state transitions"], reference["calls"]["state transitions"]
    yield (
        f"{_met(share <= 1)}: standard costs {share:.2f} times the reference, for {ours:g} transitions where that has "
        f"{theirs}: two steps more, a decision after each step, and the branches' own"
    )


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def _prices() -> Prices:
    found = _read(HERE / "prices-aws.json")
    return Prices(listed=found["prices"], assumed=found["assumed"])


def _read(file: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
