"""What Azure would bill of what the world did: executions, request units, operations, blobs and lines of log.

Nobody here is told what a call of Cosmos DB costs, so it is reckoned by what is documented
(learn.microsoft.com/azure/cosmos-db, request-units and optimize-cost-reads-writes): a read of 1 KB is one unit and of
100 KB ten, and with strong consistency twice that; to insert 1 KB without an index is 5.5 units, and to replace it
twice as many. Not documented, and from memory: what a query takes besides the items that it gives, an indexed path, and
that a write of several KB is as many writes of one. That a refused batch costs as much as a read, and a deletion
because an item has expired as much as its insertion, is assumed; so is that a batch of the change feed costs the reads
of its documents and one replacement in the leases.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from functions.adapters.azure.layout import Container
from tests.azure.cosmos_fake import Changed
from tests.azure.serving import Answer, Request
from tests.e2e.azure.world.world import World

KILOBYTE = 1024
OF_A_READ, OF_A_LONG_READ, LONG_KILOBYTES = 1.0, 10.0, 100
STRONG = 2
"""Times what a read costs with weaker consistency."""
OF_A_QUERY = 2.8
OF_AN_INSERT, TIMES_REPLACED = 5.5, 2
OF_AN_INDEXED_PATH = 0.5
REFUSED = 300
ASKED: Mapping[str, str] = {"episodes": "episodes", "activities": "activities", "messages": "messages of runs"}
"""What a task hub tells of a run, and what it is called here."""

Item = Mapping[str, Any]


def read_units(item: Item) -> float:
    """Between the two sizes that are documented, and beyond, in proportion."""
    more = (OF_A_LONG_READ - OF_A_READ) * (_kilobytes(item) - 1) / (LONG_KILOBYTES - 1)
    return STRONG * (OF_A_READ + max(0.0, more))


def insert_units(item: Item, container: Container) -> float:
    paths = sum(path.removeprefix("/").removesuffix("/?") in item for path in container.indexed)
    composites = sum(all(path.removeprefix("/") in item for path, _ in each) for each in container.composites)
    return OF_AN_INSERT * math.ceil(_kilobytes(item)) + OF_AN_INDEXED_PATH * (paths + composites)


def batch_units(operations: Sequence[Item], results: Sequence[Item], container: Container) -> float:
    """As the fake answers a batch: whole, or refused."""
    if any(each["statusCode"] >= REFUSED for each in results):
        return read_units({})
    return sum(_write_units(*each, container) for each in zip(operations, results, strict=True))


def query_units(found: Sequence[Item]) -> float:
    return STRONG * OF_A_QUERY + sum(map(read_units, found))


def request_units(containers: Mapping[str, Container], request: Request, answer: Answer) -> float:
    """Of any call; what a client asks of the account, and of a query's plan, costs nothing."""
    match request.segments:
        case ["dbs", _, "colls", name, "docs", *ids]:
            told = json.loads(answer.body or "{}")
        case _:
            return 0.0
    if ids:
        return read_units(told)
    if request.headers.get("x-ms-cosmos-is-batch-request") == "True":
        return batch_units(json.loads(request.body), told, containers[name])
    return query_units(told["Documents"]) if "Documents" in told else 0.0


def _write_units(operation: Item, result: Item, container: Container) -> float:
    item = result["resourceBody"]
    inserted = insert_units(item, container)
    if operation["operationType"] != "Create":
        return TIMES_REPLACED * inserted
    return 2 * inserted if container.expires and item.get("ttl", -1) > 0 else inserted


def _kilobytes(item: Item) -> float:
    return len(json.dumps(item).encode()) / KILOBYTE


@dataclass
class Meter:
    """It counts from when it is made what Cosmos DB does, and reads all else off the world."""

    world: World
    units: float = 0.0

    def __post_init__(self) -> None:
        for account in self.world.cosmos.values():
            account.watch(partial(self._watch, account.store.containers))
            account.listen(self._changed)

    def so_far(self) -> Mapping[str, float]:
        world = self.world
        counts = Counter(_kind(call.handler) for call in world.sites.calls)
        counts["queue calls"] = len(world.tries)
        counts["relay calls"] = sum(len(feed.tries) for feed in world.feeds)
        for asked in (run.ended["asked"] for each in world.durable.values() for run in each.runs if run.ended):
            counts.update({ASKED[what]: asked[what] for what in ASKED})
        counts["event operations"] = world.event_grid.operations.total()
        counts["message operations"] = world.bus.operations.total()
        counts["blobs written"] = sum(len(each.blobs) for each in world.blobs.values())
        lines = [line["message"].encode() for app in world.apps.values() for line in list(app.worker.lines)]
        counts["log lines"], counts["log bytes"] = len(lines), sum(map(len, lines))
        leases = counts["relay calls"] * TIMES_REPLACED * OF_AN_INSERT
        return {**counts, "request units": self.units + leases}

    def _watch(self, containers: Mapping[str, Container], request: Request, answer: Answer) -> None:
        self.units += request_units(containers, request, answer)

    def _changed(self, changed: Changed) -> None:
        if changed.container in {feed.binding["containerName"] for feed in self.world.feeds}:
            self.units += read_units(changed.item)


def _kind(handler: str) -> str:
    return {"api": "api requests", "workflow": "runs"}.get(handler, "task calls")
