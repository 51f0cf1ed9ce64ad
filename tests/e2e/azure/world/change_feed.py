"""The Functions host's listener at Cosmos DB's change feed: batches of documents as they now are, in their order.

It follows as the identity that the connection's settings name, and keeps its place in the container of leases, which
has to be there and in its hands. A batch that fails comes again as the function's retry policy says, in the same
process and with the number of the retry; one that has used up its retries is passed over. Waits are `scale` of what
the policy says. What it leaves out: leases themselves, instances that share them, and a second physical partition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from threading import Condition, Event, Thread
from typing import Any

from tests.azure.cosmos_fake import Changed
from tests.azure.worker import InvocationFailedError, Json, WorkerEndedError, new_trace
from tests.e2e.azure.world.access import (
    CREATE_ITEM,
    DELETE_ITEM,
    READ_FEED,
    READ_ITEM,
    READ_METADATA,
    REPLACE_ITEM,
    Access,
)
from tests.e2e.azure.world.apps import App, HostError
from tests.e2e.azure.world.cosmos import Account
from tests.e2e.world.records import Record, Records

LOOK_SECONDS = 0.2
FOR_EVER = -1
OF_THE_FEED = (READ_METADATA, READ_FEED)
OF_LEASES = (READ_ITEM, CREATE_ITEM, REPLACE_ITEM, DELETE_ITEM)


@dataclass(frozen=True, kw_only=True)
class FeedTry:
    documents: int
    retries: int
    why: str


@dataclass(kw_only=True)
class Feed:
    """Told of each document that is written, it calls with those that are of its container."""

    app: App
    function: Mapping[str, Any]
    binding: Mapping[str, Any]
    account: Record
    principal: str
    access: Access
    scale: float
    tries: list[FeedTry] = field(default_factory=list)
    passed_over: list[Json] = field(default_factory=list)
    under_way: bool = False
    _waiting: dict[tuple[str, str], Json] = field(default_factory=dict)
    _changed: Condition = field(default_factory=Condition)
    _closed: Event = field(default_factory=Event)

    def __call__(self, changed: Changed) -> None:
        if changed.container == self.binding["containerName"]:
            with self._changed:
                key = (changed.partition, changed.item["id"])
                self._waiting.pop(key, None)  # what has changed again is told of once, as the later change
                self._waiting[key] = dict(changed.item)
                self._changed.notify()

    @property
    def is_idle(self) -> bool:
        with self._changed:
            return not self._waiting and not self.under_way

    def follow(self) -> None:
        while not self._closed.is_set():
            if not self._may_follow():
                self._closed.wait(LOOK_SECONDS)
            elif batch := self._next():
                self._call(batch)
                self.under_way = False

    def close(self) -> None:
        self._closed.set()

    def _may_follow(self) -> bool:
        database = f"{self.account.id}/dbs/{self.binding['databaseName']}/colls"
        needs = [(action, f"{database}/{self.binding['containerName']}") for action in OF_THE_FEED]
        needs += [(action, f"{database}/{self.binding['leaseContainerName']}") for action in OF_LEASES]
        return all(self.access.allows(self.principal, action, on=on) for action, on in needs)

    def _next(self) -> list[Json]:
        with self._changed:
            if not self._waiting:
                self._changed.wait(LOOK_SECONDS)
            keys = list(islice(self._waiting, int(self.binding["maxItemsPerInvocation"])))
            self.under_way = bool(keys)
            return [self._waiting.pop(key) for key in keys]

    def _call(self, batch: list[Json]) -> None:
        inputs = {self.binding["name"]: {"json": json.dumps(batch)}}
        for retries in count():
            why = self._failure(inputs, retries)
            self.tries.append(FeedTry(documents=len(batch), retries=retries, why=why))
            if not why:
                return
            if not self._waits(retries):
                self.passed_over += batch
                return

    def _failure(self, inputs: Mapping[str, Json], retries: int) -> str:
        try:
            self.app.worker.invoke(self.function["name"], inputs, retries=retries, traceparent=new_trace())
        except (InvocationFailedError, WorkerEndedError) as error:
            return str(error) or type(error).__name__
        return ""

    def _waits(self, retries: int) -> bool:
        """Before the next try; False if there is none."""
        policy = self.function["retry"]
        if policy is None or self._closed.is_set():
            return False
        most_retries = int(policy["max_retry_count"])
        if most_retries != FOR_EVER and retries >= most_retries:
            return False
        least, most = _seconds(policy["minimum_interval"]), _seconds(policy["maximum_interval"])
        return not self._closed.wait(min(least * 2.0 ** min(retries, 20), most) * self.scale)


@contextmanager
def following(
    apps: list[App], records: Records, access: Access, accounts: Mapping[str, Account], scale: float
) -> Iterator[list[Feed]]:
    feeds = [_feed(app, records, access, scale) for app in apps if list(app.triggers("cosmosDBTrigger"))]
    threads = [Thread(target=feed.follow) for feed in feeds]
    for feed, thread in zip(feeds, threads, strict=True):
        accounts[feed.account.id].listen(feed)
        thread.start()
    try:
        yield feeds
    finally:
        for feed in feeds:
            feed.close()
        for thread in threads:
            thread.join()


def _feed(app: App, records: Records, access: Access, scale: float) -> Feed:
    ((function, binding),) = app.triggers("cosmosDBTrigger")
    connection = binding["connection"]
    endpoint = app.settings.get(f"{connection}__accountEndpoint", "")
    account = records.one("cosmosdb.DatabaseAccount", documentEndpoint=endpoint)
    for container in (binding["containerName"], binding["leaseContainerName"]):
        found = {"accountName": account["accountName"], "databaseName": binding["databaseName"]}
        try:
            records.one("cosmosdb.SqlResourceSqlContainer", containerName=container, **found)
        except LookupError as error:
            raise HostError(f"{app.handler}: {error}") from error
    return Feed(
        app=app,
        function=function,
        binding=binding,
        account=account,
        principal=app.connected_as(connection, records),
        access=access,
        scale=scale,
    )


def _seconds(clock: str) -> float:
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return float(hours * 3600 + minutes * 60 + seconds)
