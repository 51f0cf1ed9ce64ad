"""A system that lacks nothing: whatever becomes of an order, nobody is refused anything and nothing is given up.

What other tests deny, break or send leaves its traces in the same world; so only what is new is looked at, once nothing
of theirs is under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.api import ENDS, Api
from tests.e2e.azure.operating import Operator
from tests.e2e.azure.world.world import World
from tests.e2e.told import LARGE_ITEMS
from tests.e2e.world.records import Record
from tests.engine.systems import until
from tests.unit.functions.orders import placed

pytestmark = pytest.mark.e2e

SETTLED_SECONDS = 60.0
END_BY_THEMSELVES: Mapping[str, Mapping[str, Any]] = {
    "FULFILLED": {"items": LARGE_ITEMS},
    "FAILED": {"payment_method": "sandbox-decline"},
    "REJECTED": {"items": [{"sku": "ELEPHANT-GOLD", "quantity": 1000, "unit_price_minor": 100_000_000}]},
}
CANCELLABLE = [{"sku": "SANDBOX-TRANSIENT-2", "quantity": 1, "unit_price_minor": 100}]
STRANGERS = frozenset({401, 403})


def test_nobody_is_refused_anything_and_nothing_is_given_up_whatever_becomes_of_an_order(
    api: Api, operator: Operator
) -> None:
    world = operator.system.world
    until(world.is_idle, SETTLED_SECONDS)
    before = {what: len(found) for what, found in complaints(operator).items()}
    orders = of_every_end(api, operator)
    assert {order_id: api.ended(order_id)["status"] for order_id in orders.values()} == {
        order_id: end for end, order_id in orders.items()
    }
    api.listed(orders.values(), limit=100)
    until(lambda: all_are_told(api, operator, orders.values()) and world.is_idle(), SETTLED_SECONDS)
    added = {what: found[before[what] :] for what, found in complaints(operator).items()}
    assert {what: found for what, found in added.items() if found} == {}
    assert orders["FULFILLED"] in operator.system.webhook.orders()


def of_every_end(api: Api, operator: Operator) -> Mapping[str, str]:
    """An order for each, by what becomes of it."""
    orders = {end: api.place(**asked) for end, asked in END_BY_THEMSELVES.items()}
    orders["CANCELLED"] = api.place(items=CANCELLABLE)
    assert api.ask("POST", f"/orders/{orders['CANCELLED']}/cancellation").status == 202
    stale, _ = placed(tenant="ours", at=datetime.now(UTC) - timedelta(days=30))
    operator.add(stale, ())  # no event tells of it, so that no run takes it up
    operator.run_schedule("cleanup")
    orders["EXPIRED"] = stale.order_id
    assert orders.keys() == ENDS
    return orders


def all_are_told(api: Api, operator: Operator, orders: Iterable[str]) -> bool:
    """The archive has every event of the orders."""
    archived = {(event["order_id"], event["version"]) for event in events(operator)}
    wanted = {(order_id, told["version"]) for order_id in orders for told in api.order(order_id)["timeline"]}
    return wanted <= archived


def events(operator: Operator) -> list[Any]:
    return list(operator.archived().values())


def complaints(operator: Operator) -> Mapping[str, list[object]]:
    """By what went wrong, all of it since the world began: each grows at its end. A try that failed is no complaint,
    only what comes of it may be: a slow machine loses locks.
    """
    world = operator.system.world
    return {
        "refused by a role": list(world.access.refused),
        "refused by an app": [call for call in list(world.sites.calls) if call.status in STRANGERS],
        "lost by the event bus": list(world.event_grid.lost),
        "not delivered by the event bus": list(operator.undelivered()),
        "passed over by the change feed": [each for feed in world.feeds for each in feed.passed_over],
        **{f"set aside in {queue['queueName']}": list(world.bus.held(queue.id)) for queue in queues_of_the_dead(world)},
        "failed for good": [run.id for each in world.durable.values() for run in each.runs if run.status == "Failed"],
    }


def queues_of_the_dead(world: World) -> Iterator[Record]:
    return (each for each in world.records.of("servicebus.Queue") if not each.get("forwardDeadLetteredMessagesTo"))
