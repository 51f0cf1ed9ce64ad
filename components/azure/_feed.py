"""The change feed: which container is followed, where the trigger keeps how far it is, and what is watched of it."""

from __future__ import annotations

from datetime import timedelta

from components.azure._alarms import Alarm, Lines
from components.azure._app import FunctionApp
from components.azure._lines import lines_of
from components.behind import behind
from components.function import Function
from functions.adapters.azure import layout

FOLLOWED, LEASES = layout.ORDERS, layout.LEASES
AGAIN = "events come again"
"""What functions.entrypoints.azure.relay logs whenever the bus did not take a batch."""
BEHIND = timedelta(minutes=15)
TRIES = 5
"""The trigger waits longer each time, up to a minute: whoever needs so many does not get through for minutes."""


def feed_alarm(name: str, function: Function) -> Alarm:
    return Alarm(
        about="feed-lag",
        contract="database",
        of=name,
        says=f"Events of {name} were tried more than {TRIES} times in {BEHIND} and did not get through to the bus; "
        "those behind them wait.",
        measured=Lines(query=lines_of(AGAIN, behind(function, FunctionApp).physical_name)),
        threshold=TRIES,
        window=BEHIND,
    )
