"""What each page shows, read from the system at the moment it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request

from console.diagram import draw
from console.ports import Fault, FaultSwitch, Loop
from console.site import Site
from console.track import is_undone, track
from functions.domain.order import Order, OrderStatus
from operations.ports import MAX_AT_ONCE, DeadLetter, NoSuchQueueError
from operations.trial import trial

LISTED = 50
"""Orders on the page of orders."""
MAX_ORDERS = 1000
"""The most orders that a step is broken for at once."""
View: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Share:
    """Orders of one status among the newest, and their part of a bar that is 1000 wide."""

    status: OrderStatus
    count: int
    x: float
    width: float


@dataclass(frozen=True, kw_only=True)
class LoopGroup:
    """Loops of the same work."""

    name: str
    running: int
    count: int
    restarts: int
    last_error: str | None


def overview(site: Site, request: Request) -> View:
    orders = site.operations.orders.newest(MAX_AT_ONCE)
    states = site.operations.queues.states()
    return {
        "diagram": draw(site.flow),
        "flow": site.flow,
        "states": {f"queue/{state.queue}": state for state in states},
        "shares": shares(orders),
        "seen": len(orders),
        "alarms": site.health.alarms(),
        "loops": grouped(site.health.loops()),
    }


def orders(site: Site, request: Request) -> View:
    status = _status(request.query_params.get("status", ""))
    return {
        "orders": site.operations.orders.newest(LISTED, status=status),
        "status": status,
        "statuses": list(OrderStatus),
        "listed": LISTED,
    }


def order(site: Site, request: Request) -> View:
    asked = request.path_params["order_id"]
    found = site.operations.orders.find(asked)
    if found is None:
        raise HTTPException(404, f"there is no order {asked[:100]}: see the newest ones under Orders")
    run = site.operations.saga_runs.find(found.order_id)
    stops = track(run, datetime.now(UTC)) if run else []
    return {
        "order": found,
        "events": site.operations.orders.timeline(found),
        "run": run,
        "stops": stops,
        "undone": {stop.step for stop in stops if is_undone(stops, stop.step)},
    }


def queues(site: Site, request: Request) -> View:
    return {"states": site.operations.queues.states()}


def queue(site: Site, request: Request) -> View:
    """With `try` (the id of a dead letter, or `all`) it also says what would be sent back, and with `sent` what was."""
    name = request.path_params["queue"]
    letters = dead_letters(site, name)
    state = next(state for state in site.operations.queues.states() if state.queue == name)
    tried = request.query_params.get("try")
    return {
        "state": state,
        "letters": letters,
        "at_once": MAX_AT_ONCE,
        "trial": None if tried is None else trial(state, letters, None if tried == "all" else tried),
        "sent": request.query_params.get("sent", ""),
    }


def faults(site: Site, request: Request) -> View:
    switch = require_faults(site)
    return {
        "tasks": switch.tasks(),
        "armed": switch.armed(),
        "kinds": MEANINGS,
        "max_orders": MAX_ORDERS,
        "refused": "",
        "filled": {"task": "", "fault": Fault.FAIL.value, "orders": "1"},
    }


MEANINGS: Mapping[Fault, str] = {
    Fault.FAIL: "Fail: every attempt ends with an error.",
    Fault.STALL: "Stall: nothing answers until the attempt is given up.",
    Fault.LOSE_ANSWER: "Lose its answer: it is done, but nobody hears of it the first time.",
}


def dead_letters(site: Site, queue: str) -> Sequence[DeadLetter]:
    try:
        return site.operations.dead_letters.of(queue, MAX_AT_ONCE)
    except NoSuchQueueError as error:
        raise HTTPException(404, str(error)) from None


def require_faults(site: Site) -> FaultSwitch:
    if site.faults is None:
        raise HTTPException(404, "nothing can be broken on purpose here: only a local system has that switch")
    return site.faults


def shares(newest: Sequence[Order]) -> list[Share]:
    """Those statuses that occur, in the order of an order's life."""
    counts = Counter(each.status for each in newest)
    found, x = list[Share](), 0.0
    for status in OrderStatus:
        if counts[status]:
            width = 1000 * counts[status] / len(newest)
            found.append(Share(status=status, count=counts[status], x=round(x, 1), width=round(width, 1)))
            x += width
    return found


def grouped(loops: Sequence[Loop]) -> list[LoopGroup]:
    """Those that differ in their last number alone are one line."""
    groups: dict[str, list[Loop]] = {}
    for loop in loops:
        work, _, number = loop.name.rpartition("/")
        groups.setdefault(work if number.isdigit() else loop.name, []).append(loop)
    return [
        LoopGroup(
            name=name,
            running=sum(loop.is_running for loop in members),
            count=len(members),
            restarts=sum(loop.restarts for loop in members),
            last_error=next((loop.last_error for loop in members if loop.last_error), None),
        )
        for name, members in groups.items()
    ]


def _status(asked: str) -> OrderStatus | None:
    if not asked:
        return None
    try:
        return OrderStatus(asked)
    except ValueError:
        raise HTTPException(404, f"{asked[:40]!r} is no status; there are {', '.join(OrderStatus)}") from None
