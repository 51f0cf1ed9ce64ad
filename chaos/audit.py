"""What has to be true of the books once everything has come to rest; each violation is one line that names it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from chaos.books import ENDS, Books, Stock
from chaos.clients import Accepted
from chaos.plan import INITIAL_UNITS

RUN_STATUSES = {
    "FULFILLED": {"succeeded"},
    "REJECTED": {"rejected"},
    "FAILED": {"failed"},
    "CANCELLED": {"rejected", "failed"},
    "EXPIRED": {"rejected", "failed"},
}
"""How the saga of an order may end; one that was cancelled says no at its first or its second step."""
RESERVATIONS: Mapping[str, Set[str | None]] = {
    "FULFILLED": {"committed"},
    "REJECTED": {None},
    "FAILED": {None, "released", "restocked", "refused"},
    "CANCELLED": {None, "released", "refused"},
    "EXPIRED": {None, "released", "refused"},
}
STATUS_AFTER = {f"order.{status.lower()}": status for status in ("PLACED", "RESERVED", "PAID", *sorted(ENDS))}
TOLD_AT_THE_END = {
    "FULFILLED": "Your order is on its way",
    "REJECTED": "We cannot take your order",
    "FAILED": "Your order could not be fulfilled",
    "CANCELLED": "Your order is cancelled",
    "EXPIRED": "Your order has expired",
}
CONFIRMED = "Your order is confirmed and paid"


def violations(books: Books, accepted: Sequence[Accepted]) -> list[str]:
    """Nothing: every promise was kept."""
    return [
        *(f"the database is unsound: {finding}" for finding in books.unsound),
        *_of_acceptance(books, accepted),
        *_of_events(books),
        *_of_money(books),
        *_of_stock(books),
        *_of_sagas(books),
        *_of_messages(books),
        *_of_consumers(books),
    ]


def _of_acceptance(books: Books, accepted: Sequence[Accepted]) -> Iterator[str]:
    """What was answered 202 is there, is what was asked for and ended rightly; and nothing else is there."""
    for each in accepted:
        order = books.orders.get(each.order_id)
        if order is None:
            yield f"order {each.order_id} was answered 202 and does not exist"
            continue
        yield from _as_asked_for(each, order)
        if books.keys.get((each.planned.tenant, each.planned.key)) != each.order_id:
            yield f"order {each.order_id}: its idempotency key is not kept with it"
    twice = Counter(each.order_id for each in accepted)
    yield from (f"order {order_id} was the answer to {times} keys" for order_id, times in twice.items() if times > 1)
    unasked = books.orders.keys() - twice.keys()
    yield from (f"order {order_id} exists and nobody was told of it" for order_id in sorted(unasked))


def _as_asked_for(each: Accepted, order: Mapping[str, Any]) -> Iterator[str]:
    planned, status = each.planned, order["status"]
    if status not in ENDS:
        yield f"order {each.order_id} ({planned.kind}) has not ended: it is {status}"
    elif status not in planned.ends:
        yield f"order {each.order_id} ({planned.kind}) ended as {status}, not as {' or '.join(sorted(planned.ends))}"
    if planned.is_cancelled and (each.cancellation == 202) != (status == "CANCELLED"):
        yield f"order {each.order_id} is {status}, and its cancellation was answered with {each.cancellation}"
    lines = {line["sku"]: (line["quantity"], line["unit_price_minor"]) for line in order["lines"]}
    found = (order["tenant"], order["payment_method"], lines)
    asked_for = {sku: (units, planned.price_minor) for sku, units in planned.units}
    if found != (planned.tenant, planned.method, asked_for):
        yield f"order {each.order_id} is not what was ordered: {found}"


def _of_events(books: Books) -> Iterator[str]:
    for order_id in sorted(books.events.keys() - books.orders.keys()):
        yield f"order {order_id} has events and no state"
    for order_id, order in books.orders.items():
        events = books.events.get(order_id, [])
        versions = [event["row_version"] for event in events]
        if versions != list(range(1, len(versions) + 1)) or not versions:
            yield f"order {order_id}: its events are numbered {versions}"
        if any(event["version"] != event["row_version"] or event["order_id"] != order_id for event in events):
            yield f"order {order_id}: an event is kept under another number than its own"
        yield from _of_fold(order_id, order, events, books.order_rows[order_id])


def _of_fold(
    order_id: str, order: Mapping[str, Any], events: Sequence[Mapping[str, Any]], row: tuple[str, int]
) -> Iterator[str]:
    """The state is what its events make of it."""
    statuses = [STATUS_AFTER[event["type"]] for event in events if event["type"] in STATUS_AFTER]
    if not statuses or statuses[0] != "PLACED" or events[0]["type"] != "order.placed":
        yield f"order {order_id} does not begin with being placed"
        return
    folded = (statuses[-1], len(events))
    if (order["status"], order["version"]) != folded or row != folded:
        yield f"order {order_id} is {row} and {order['status']}, {order['version']}; its events make it {folded}"
    ends = [status for status in statuses if status in ENDS]
    if len(ends) != 1:
        yield f"order {order_id} has {len(ends)} ends: {', '.join(ends) or 'none'}"
    repeated = [type_ for type_, times in Counter(event["type"] for event in events).items() if times > 1]
    yield from (f"order {order_id}: {type_} happened twice" for type_ in repeated)
    if order["lines"] != events[0]["details"]["lines"]:
        yield f"order {order_id} has other lines than it was placed with"


def _of_money(books: Books) -> Iterator[str]:
    """The ledger is the payment partner's: a charge and a refund each have one entry, under the key of the step."""
    captured = _by_order(books, "charge:")
    refunded = _by_order(books, "refund:")
    for order_id, order in books.orders.items():
        payments, returned = captured.pop(order_id, []), refunded.pop(order_id, [])
        kept, due = len(payments) - len(returned), int(order["status"] == "FULFILLED")
        if len(payments) > 1:
            yield f"order {order_id} was captured {len(payments)} times"
        if kept != due:
            times = f"captured {len(payments)} times and refunded {len(returned)} times"
            yield f"order {order_id} is {order['status']}, {times}"
        if not set(returned) <= set(payments):
            yield f"order {order_id} was given back a payment that was never taken"
        paid = [event["details"]["payment_id"] for event in books.events[order_id] if event["type"] == "order.paid"]
        if not set(paid) <= set(payments) or (due and not paid):
            yield f"order {order_id} says that it was paid by {paid}; the partner took {payments}"
    for order_id in sorted({*captured, *refunded}):
        yield f"money moved for order {order_id}, which does not exist"


def _by_order(books: Books, prefix: str) -> dict[str, list[str]]:
    """The payments of each order that the partner wrote down under such keys: `charge:<order>:<step>`."""
    found: dict[str, list[str]] = {}
    for key, entry in books.ledger.items():
        if key.startswith(prefix) and "payment_id" in entry:
            found.setdefault(key.removeprefix(prefix).split(":")[0], []).append(entry["payment_id"])
    return found


def _of_stock(books: Books) -> Iterator[str]:
    """Per order, and per article: what was on hand is on hand or sold, and what is sold is in a fulfilled order."""
    for order_id, order in books.orders.items():
        state = books.reservations.get(order_id)
        if state not in RESERVATIONS.get(order["status"], frozenset({state})):
            yield f"order {order_id} is {order['status']}, and what was reserved for it is {state or 'nothing'}"
    for order_id in sorted(books.reservations.keys() - books.orders.keys()):
        yield f"units are reserved for order {order_id}, which does not exist"
    sold = _units(order for order in books.orders.values() if order["status"] == "FULFILLED")
    for sku in sorted(books.stock.keys() | sold.keys()):
        yield from (f"stock of {sku}: {finding}" for finding in _of_article(books.stock.get(sku), sold[sku]))


def _of_article(stock: Stock | None, sold: int) -> Iterator[str]:
    if stock is None:
        yield f"there is none, and fulfilled orders have {sold}"
        return
    if stock.on_hand + stock.sold != INITIAL_UNITS:
        yield f"{stock.on_hand} are on hand and {stock.sold} sold, and there were {INITIAL_UNITS}"
    if stock.reserved:
        yield f"{stock.reserved} are still reserved, and every order has ended"
    if stock.sold != sold:
        yield f"{stock.sold} are sold, and fulfilled orders have {sold}"


def _units(orders: Iterable[Mapping[str, Any]]) -> Counter[str]:
    units = Counter[str]()
    for order in orders:
        units.update({line["sku"]: line["quantity"] for line in order["lines"]})
    return units


def _of_sagas(books: Books) -> Iterator[str]:
    for order_id, order in books.orders.items():
        run = books.runs.get(order_id)
        if run is None:
            yield f"order {order_id} has no saga"
            continue
        if run.status not in RUN_STATUSES.get(order["status"], ()):
            yield f"order {order_id} is {order['status']}, and its saga is {run.status}"
        if run.uncompensated != "[]":
            yield f"order {order_id}: its saga could not undo {run.uncompensated}"
        shipped = "units" in books.ledger.get(f"shipment:{order_id}", {})
        shipped = shipped and f"shipment-cancelled:{order_id}" not in books.ledger
        if shipped != (order["status"] == "FULFILLED"):
            yield f"order {order_id} is {order['status']}, and {'was' if shipped else 'was not'} shipped"
    yield from (f"a saga runs for order {run_id}, which does not exist" for run_id in books.runs.keys() - books.orders)


def _of_messages(books: Books) -> Iterator[str]:
    yield from (f"a message was left in {message}" for message in books.messages)
    yield from (f"a message died in {letter}" for letter in books.dead_letters)
    if books.undelivered:
        yield f"{books.undelivered} events were never handed on"


def _of_consumers(books: Books) -> Iterator[str]:
    """Each event had its effect on each of those who hear of it, once."""
    yield from _of_archive(books)
    yield from _of_demand(books)
    yield from _of_inbox(books)


def _of_archive(books: Books) -> Iterator[str]:
    for name, body in books.event_bodies.items():
        kept = books.archive.get(name, [])
        if len(kept) != 1:
            yield f"event {name} is {len(kept)} times in the archive"
        elif kept[0] != body:
            yield f"event {name} is in the archive with another body"
    yield from (f"the archive has {name}, which never happened" for name in books.archive.keys() - books.event_bodies)


def _of_demand(books: Books) -> Iterator[str]:
    placed = frozenset(f"{order_id}:1" for order_id in books.orders)
    yield from (f"the demand lacks {event_id}" for event_id in sorted(placed - books.demand_events))
    yield from (f"the demand has {event_id}, which never happened" for event_id in books.demand_events - placed)
    units = _units(books.orders.values())
    for sku in sorted(units.keys() | books.demand.keys()):
        if units[sku] != books.demand.get(sku, 0):
            yield f"the demand for {sku} is {books.demand.get(sku, 0)}, and {units[sku]} were ordered"


def _of_inbox(books: Books) -> Iterator[str]:
    told: dict[str, list[str]] = {}
    for order_id, subject in books.inbox.values():
        told.setdefault(order_id, []).append(subject)
    for order_id, order in books.orders.items():
        subjects = told.pop(order_id, [])
        at_the_end = [subject for subject in subjects if subject != CONFIRMED]
        if at_the_end != [TOLD_AT_THE_END.get(order["status"])]:
            yield f"order {order_id} is {order['status']}, and its customer was told {at_the_end}"
        confirmed = any(event["type"] == "order.confirmation_sent" for event in books.events[order_id])
        if subjects.count(CONFIRMED) != int(confirmed):
            yield f"order {order_id}: its customer was sent {subjects.count(CONFIRMED)} confirmations"
    yield from (f"somebody was told of order {order_id}, which does not exist" for order_id in sorted(told))
