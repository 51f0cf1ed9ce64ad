"""The report that `make cost` prints, line by line, of any target's bill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.cost.bill import Bill
from benchmarks.cost.lines import total


def report(bill: Bill[Any], *, orders: int) -> Iterator[str]:
    yield from _compared(bill, orders)
    yield from _itemised(bill, orders)
    yield from _by_the_month(bill)
    yield from _settings(bill)
    yield from _origins(bill)
    yield from bill.bars()


def _compared(bill: Bill[Any], orders: int) -> Iterator[str]:
    yield f"US dollars for {orders:,} orders from request to end: gateway, functions, one event, workflow"
    for name, design in bill.designs().items():
        yield f"  {name:<10} {total(design.lines) * orders:>12,.2f}   gives up: {design.gives_up}"
    yield ""


def _itemised(bill: Bill[Any], orders: int) -> Iterator[str]:
    lines = bill.whole()
    yield f"All that was counted of an order, on the stack {bill.stack.file.name}: {bill.described()}"
    for line in lines:
        yield f"  {line.what:<30} {line.units:>10.4g} an order {line.usd * orders:>12,.2f}"
    yield f"  {'in all':<30} {'':>10}          {total(lines) * orders:>12,.2f}"
    yield from (f"  {remark}" for remark in bill.remarks())
    yield f"  not in it: {bill.NOT_IN_IT}"
    yield ""


def _by_the_month(bill: Bill[Any]) -> Iterator[str]:
    """Apart: it is the same for one order and for a million."""
    yield "Fixed, US dollars a month, without any order"
    for line in bill.monthly():
        upto = f" to {line.most:,.2f} under load all month" if line.most > line.least else ""
        yield f"  {line.what:<35} {line.least:>12,.2f}{upto}"
    yield ""


def _settings(bill: Bill[Any]) -> Iterator[str]:
    yield f"Settings of Pulumi.{bill.stack.file.name}.yaml that these sums depend on"
    for setting, value, who_says in bill.stack.told():
        yield f"  {setting:<28} {value!s:<12} {who_says}"
    if bill.stack.file.target not in (bill.TARGET, None):
        yield f"  its target is {bill.stack.file.target}: it is priced as if that were {bill.TARGET}"
    if bill.stack.region != bill.sources.prices["region"]:
        yield f"  prices are of {bill.sources.prices['region']}; some are higher in {bill.stack.region}"
    yield ""


def _origins(bill: Bill[Any]) -> Iterator[str]:
    sources = bill.sources
    yield f"Prices, written down on {sources.prices['dated']}: {sources.prices['source']}"
    yield "Assumed, not measured"
    for name, assumed in sources.prices["assumed"].items():
        yield f"  {name} {assumed['value']:g}: {assumed['because']}"
    yield from bill.COUNTED_ON
    for what, how in sources.counted["counted"].items():
        yield f"  {what}: {how}"
    yield f"  the stack {bill.stack.file.name} logs from {bill.stack.config.profile.log_level} on"
    yield f"Of the reference: {sources.reference['counted']}"
    yield ""
