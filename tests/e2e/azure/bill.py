"""What one order asks of Azure, counted on the running system: benchmarks/cost prices it.

Orders go one after another, and nobody looks at an order meanwhile. How often the branches of its run meet at it, and
write it again, is chance. How each figure was come by is said in RECORDED.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.e2e.api import ORDER_SECONDS, Api
from tests.e2e.azure.counting import Meter
from tests.e2e.azure.operating import Operator
from tests.e2e.azure.world.world import World
from tests.e2e.counted import Counts, Recorded, per_order
from tests.engine.systems import until

RECORDED = Recorded(
    "azure",
    {
        "api requests": "calls of the API's function: the one that places the order",
        "relay calls": "batches of the change feed",
        "queue calls": "messages that are handed to a function",
        "runs": "calls of the address that starts them",
        "task calls": "calls of functions that perform tasks",
        "activities": "each is such a call from the workflow's side, tries again included",
        "episodes": "times that an orchestrator is played its history, those of branches too",
        "messages of runs": "of Durable Functions' own queues: starts, ends of activities and of branches, timers; "
        "those that were cancelled too",
        "event operations": "events that the topic took, those that a filter looked into, attempts to deliver",
        "message operations": "messages sent, forwarded, received and completed",
        "request units": "reckoned by what is documented of reads and inserts, the rest from memory: "
        "tests/e2e/azure/counting.py says what; the change feed and its leases are in it",
        "blobs written": "blobs that are in containers",
        "log lines": "lines that functions write, at the level DEBUG",
        "log bytes": "of those lines",
    },
)
CONSUMERS = ("fulfil", "project_demand", "notify_customer")
"""Each is called once for an order; the archive is waited for by what is in it."""


def counted(api: Api, operator: Operator, orders: int) -> Counts:
    world = operator.system.world
    return per_order(lambda: _placed(api, operator, world), Meter(world).so_far, orders)


def _placed(api: Api, operator: Operator, world: World) -> None:
    """Once everything that the order leads to has happened."""
    done = _done(world)
    order_id = api.place()
    until(lambda: f"{order_id}:fulfilled" in _ends(operator), seconds=ORDER_SECONDS)
    until(lambda: all(_done(world)[name] > done[name] for name in CONSUMERS) and world.is_idle())


def _done(world: World) -> Counter[str]:
    """By handler, the messages that were taken."""
    return Counter(each.handler for each in list(world.tries) if not each.why)


def _ends(operator: Operator) -> set[str]:
    events: list[Any] = list(operator.archived().values())
    return {f"{event['order_id']}:{event['type'].removeprefix('order.')}" for event in events}
