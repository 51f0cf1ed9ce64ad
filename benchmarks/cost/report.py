"""The report that `make cost` prints, line by line, from what was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.cost.monthly import monthly
from benchmarks.cost.pricing import Line, Prices, path, reference_path, total, whole
from benchmarks.cost.stack import Stack

RUNS = {"standard": "http-standard", "express": "rest-express"}
"""By durability, the run that it was counted on. Each stood behind one gateway only."""
TIMES_CHEAPER = 5
GIVES_UP = {
    "reference": "the outbox, events and their archive, a record of each step, compensation of what a branch did",
    "standard": "nothing of a run: it survives whatever happens, for up to a year",
    "express": "a run that is not over after five minutes ends there and then; its history is in the logs alone",
}
AN_HTTP_API_GIVES_UP = "a firewall, usage plans and models of bodies at the gateway"
NOT_IN_IT = (
    "traces, metrics, alarms, keys, secrets, sign-in, calls of a REST API's own authorizer, what SNS takes for looking "
    "into bodies, the bus's archive, the webhook, other services' logs, and keeping what was written"
)


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The files beside this one, and what was counted: as read."""

    prices: Mapping[str, Any]
    reference: Mapping[str, Any]
    counted: Mapping[str, Any]


def report(sources: Sources, stack: Stack, *, orders: int) -> Iterator[str]:
    prices = Prices(listed=sources.prices["prices"], assumed=sources.prices["assumed"])
    paths = {
        "reference": reference_path(prices, sources.reference["calls"], stack),
        **{name: path(prices, sources.counted[run], stack, durability=name) for name, run in RUNS.items()},
    }
    yield from _compared(paths, stack, orders)
    yield from _itemised(whole(prices, sources.counted[RUNS[stack.durability]], stack), stack, orders)
    yield from _by_the_month(prices, stack)
    yield from _settings(stack, sources)
    yield from _origins(sources, stack)
    yield from _bars({name: total(lines) for name, lines in paths.items()}, sources)


def _compared(paths: Mapping[str, Sequence[Line]], stack: Stack, orders: int) -> Iterator[str]:
    yield f"US dollars for {orders:,} orders from request to end: gateway, functions, one event, workflow"
    for name, lines in paths.items():
        yield f"  {name:<10} {total(lines) * orders:>12,.2f}   gives up: {_given_up(name, stack)}"
    yield ""


def _given_up(design: str, stack: Stack) -> str:
    """The reference's gateway is a REST API, so ours is to be compared with that too."""
    gateway = AN_HTTP_API_GIVES_UP if design != "reference" and stack.aws.api_kind == "http" else ""
    return "; ".join(filter(None, (GIVES_UP[design], gateway)))


def _itemised(lines: Sequence[Line], stack: Stack, orders: int) -> Iterator[str]:
    yield f"All that was counted of an order, on the stack {stack.name}: {stack.durability}, behind {_gateway(stack)}"
    for line in lines:
        yield f"  {line.what:<30} {line.units:>10.4g} an order {line.usd * orders:>12,.2f}"
    yield f"  {'in all':<30} {'':>10}          {total(lines) * orders:>12,.2f}"
    if stack.capacity:
        yield "  the database's units are paid by the month; whether the load fits between its bounds is not judged"
    yield f"  not in it: {NOT_IN_IT}"
    yield ""


def _gateway(stack: Stack) -> str:
    kind = {"http": "an HTTP API", "rest": "a REST API"}[stack.aws.api_kind]
    return f"{kind} with a firewall" if stack.has_firewall else kind


def _by_the_month(prices: Prices, stack: Stack) -> Iterator[str]:
    """Apart: it is the same for one order and for a million."""
    yield "Fixed, US dollars a month, without any order"
    for line in monthly(prices, stack):
        upto = f" to {line.most:,.2f} under load all month" if line.most > line.least else ""
        yield f"  {line.what:<35} {line.least:>12,.2f}{upto}"
    yield ""


def _settings(stack: Stack, sources: Sources) -> Iterator[str]:
    yield f"Settings of Pulumi.{stack.name}.yaml that these sums depend on"
    for setting, value, who_says in stack.told():
        yield f"  {setting:<28} {value!s:<12} {who_says}"
    if stack.target != "aws":
        yield f"  its target is {stack.target}: it is priced as if that were aws"
    if stack.aws.region != sources.prices["region"]:
        yield f"  prices are of {sources.prices['region']}; some are higher in {stack.aws.region}"
    yield ""


def _origins(sources: Sources, stack: Stack) -> Iterator[str]:
    yield f"Prices, written down on {sources.prices['dated']}: {sources.prices['source']}"
    yield "Assumed, not measured"
    for name, assumed in sources.prices["assumed"].items():
        yield f"  {name} {assumed['value']:g}: {assumed['because']}"
    yield "Counted on ministack, the mean of two orders, one after the other, so that nothing shares a batch."
    yield "At volume some of it does; that the gateway changes no other count is assumed."
    yield "Branches that meet at their order read and write it again; how often is chance, so counts differ."
    for what, how in sources.counted["counted"].items():
        yield f"  {what}: {how}"
    yield f"  the stack {stack.name} logs from {stack.config.profile.log_level} on"
    yield f"Of the reference: {sources.reference['counted']}"
    yield ""


def _bars(totals: Mapping[str, float], sources: Sources) -> Iterator[str]:
    times = totals["reference"] / totals["express"]
    yield f"{_met(times >= TIMES_CHEAPER)}: express is {times:.1f} times cheaper than the reference ({TIMES_CHEAPER})"
    share = totals["standard"] / totals["reference"]
    ours, theirs = sources.counted[RUNS["standard"]], sources.reference["calls"]["state transitions"]
    yield (
        f"{_met(share <= 1)}: standard costs {share:.2f} times the reference, for {ours['state transitions']:g} "
        f"transitions where that has {theirs:g}; {ours['workflow tasks']:g} of ours call a function, the others "
        "decide, branch and end"
    )


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"
