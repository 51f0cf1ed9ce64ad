"""What one order asks of Google Cloud, counted on the running system: benchmarks/cost prices it.

Orders go one after another, and nobody looks at an order meanwhile. How often the branches of its run meet at it, and
write it again, is chance. How each figure was come by is said in COUNTED.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from benchmarks.cost.gcp.pricing import COUNTED as PRICED
from tests.e2e.api import ORDER_SECONDS, Api
from tests.e2e.counted import Counts, Recorded, per_order
from tests.e2e.gcp.counting import Meter
from tests.e2e.gcp.world.world import World
from tests.engine.systems import until

COUNTED: Mapping[str, str] = {
    "api requests": "calls of the API from outside: the one that places the order",
    "api calls": "of the API's function",
    "queue calls": "of functions that a queue's subscriptions push to",
    "other calls": "of the relay and of the functions that perform the workflow's tasks",
    "workflow tasks": "calls of functions that perform tasks",
    "internal workflow steps": (
        "what workflows-emulator runs of the deployed source: calls, each try anew, variables that are assigned, "
        "conditions up to the first that holds, and what returns, raises, repeats or branches"
    ),
    "external workflow steps": "calls of what is not at an address of Google's",
    "feed bytes": "what Eventarc sends of each document that its trigger is for, to its own topic and to the relay",
    "message bytes": (
        "1,000 at the least of each message when it is published, and again for each subscription of its topic, "
        "whether its filter lets it through or not"
    ),
    "documents read": "documents that Firestore was asked for, there or not, and one at the least of a query",
    "documents written": "writes of the commits that were done; one that was refused counts as nothing",
    "documents that expire": "documents made in collections that Firestore clears by itself, each deleted later",
    "objects written": "objects that are in buckets",
    "log bytes": "of the lines that functions write, at the level DEBUG",
}
CONSUMERS = ("fulfil", "project_demand", "notify_customer")
"""Each is called once for an order; the archive is waited for by what is in it."""
OK = range(200, 300)


RECORDED = Recorded("gcp", COUNTED)


def counted(api: Api, world: World, orders: int) -> Counts:
    counts = per_order(lambda: _placed(api, world), Meter(world).so_far, orders)
    return {what: counts.get(what, 0.0) for what in sorted(PRICED)}


def _placed(api: Api, world: World) -> None:
    """Once everything that the order leads to has happened."""
    done = _done(world)
    order_id = api.place()
    until(lambda: f"{order_id}:fulfilled" in _ends(world), seconds=ORDER_SECONDS)
    until(lambda: all(_done(world)[name] > done[name] for name in CONSUMERS) and world.is_idle())


def _done(world: World) -> Counter[str]:
    """By function, the calls that were answered well."""
    return Counter(call.function for call in list(world.cloud_run.calls) if call.status in OK)


def _ends(world: World) -> set[str]:
    archived = [body for objects in list(world.storage.objects.values()) for body in list(objects.values())]
    events = [json.loads(body) for body in archived]
    return {f"{event['order_id']}:{event['type'].removeprefix('order.')}" for event in events}
