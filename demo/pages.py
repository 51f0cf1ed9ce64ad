"""How the demonstration looks on a terminal of 80 columns, and in a pipe."""

from __future__ import annotations

import shlex
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from demo.orders import ExampleOrder
from demo.shop import Entry, SeenOrder
from demo.stack import StackOutputs

COLOURS = {"FULFILLED": "green", "FAILED": "yellow", "REJECTED": "yellow"}
IN_THE_HEADING = frozenset({"currency", "payment_method", "total_minor"})


def show_opening(console: Console, api_url: str) -> None:
    console.print(f"\nThree orders, placed over HTTP at [bold]{escape(api_url)}[/bold]")


def show_order(console: Console, number: int, order: ExampleOrder, seen: SeenOrder, *, seconds: float) -> None:
    colour = COLOURS.get(seen.status, "red")
    console.print(f"\n[bold]{number}. {escape(order.title)}[/bold] [dim]({escape(order.shows)})[/dim]")
    console.print(f"   {seen.order_id}  {_money(seen)}  [bold {colour}]{seen.status}[/bold {colour}]")
    if seen.reason:
        console.print(f"   {escape(seen.reason)}", style=colour)
    console.print(_timeline(seen))
    if not seen.has_ended:
        console.print(f"   has not ended within {seconds:g} s; the run time's log says why", style="red")
    elif seen.status != order.ends_as:
        console.print(f"   should have ended as {order.ends_as}; the run time's log says why", style="red")


def show_way_on(console: Console, outputs: StackOutputs, token: str, *, minutes: int) -> None:
    """What to type next; long lines are left whole, so that they can be copied."""
    log = Path(outputs.folder) / "logs" / "run-time.log"
    console.print(f"\nThe system keeps running. Your orders, with a token that is valid for {minutes} minutes:\n")
    curl = f"curl -H 'Authorization: Bearer {token}' {shlex.quote(f'{outputs.api_url}/orders')}"
    console.print(curl, markup=False, soft_wrap=True)
    ways = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    ways.add_row("API", outputs.api_url)
    ways.add_row("its document", f"{outputs.api_url}/openapi.json")
    ways.add_row("logs", f"tail -f {shlex.quote(_short(log))}")
    ways.add_row("stop it", "make destroy")
    console.print()
    console.print(ways, soft_wrap=True)
    console.print()


def _timeline(seen: SeenOrder) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("after", justify="right", style="dim", no_wrap=True, min_width=9)
    table.add_column("event", no_wrap=True)
    table.add_column("details", style="dim")
    began = seen.timeline[0].occurred_at
    for entry in seen.timeline:
        after = (entry.occurred_at - began).total_seconds()
        event = entry.type.removeprefix("order.").replace("_", " ")
        table.add_row(f"{after:.2f} s", event, escape(_details(entry, seen.reason)))
    return table


def _details(entry: Entry, reason: str | None) -> str:
    """What the heading does not say already."""
    told = {name: value for name, value in entry.details.items() if name not in IN_THE_HEADING and value != reason}
    return ", ".join(f"{name} {value}" for name, value in told.items())


def _money(seen: SeenOrder) -> str:
    return f"{seen.total_minor / 100:,.2f} {seen.currency}"


def _short(path: Path) -> str:
    """From the folder that one is in, where that is shorter."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
