"""What Google would bill of what the world did: documents, messages, steps, calls, objects and lines of log.

Firestore bills a document that is not there as one that is read, and a query at least as one; that a commit which was
refused is billed as nothing is assumed (cloud.google.com/firestore/pricing). Pub/Sub bills each publish and each push
as 1,000 bytes at the least, and a subscription for what its filter keeps from it too (cloud.google.com/pubsub/pricing).
Eventarc's events from Google's own services cost what Pub/Sub costs to carry them: they are sent twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from benchmarks.cost.gcp.pricing import LEAST_REQUEST_BYTES
from tests.e2e.gcp.world.cloud_run import Call, Origin
from tests.e2e.gcp.world.world import World
from tests.e2e.world.records import Record, Records
from tests.gcp.firestore_fake import Created
from tests.gcp.pubsub.bridge import Try

Message: TypeAlias = Any
"""A protobuf message, whose class is made at run time."""
BYTES_OF_A_TIMESTAMP = 20
READ, WRITTEN, EXPIRING = "documents read", "documents written", "documents that expire"
FEED, API, QUEUE, OTHER = "feed bytes", "api calls", "queue calls", "other calls"


def documents(method: str, request: Message, answers: list[Message]) -> dict[str, int]:
    """One call of Firestore's."""
    if method == "BatchGetDocuments":
        return {READ: sum(answer.WhichOneof("result") is not None for answer in answers)}
    if method == "RunQuery":
        return {READ: max(1, sum(answer.HasField("document") for answer in answers))}
    return {WRITTEN: len(request.writes)} if method == "Commit" and answers else {}


def billed(size: int, message_id: str = "") -> int:
    """The bytes of a message that is sent alone."""
    return max(LEAST_REQUEST_BYTES, size + BYTES_OF_A_TIMESTAMP + len(message_id))


def message_bytes(tries: list[Try], subscriptions: Mapping[str, Record]) -> int:
    """Of every topic: published once, brought to each of its subscriptions, filtered or not, and to some again.

    A topic's messages are those of a subscription that has no filter.
    """
    total = 0
    for topic in {each["topic"] for each in subscriptions.values()}:
        fed = {name: each for name, each in subscriptions.items() if each["topic"] == topic}
        unfiltered = next(name for name, each in fed.items() if not each.get("filter"))
        once = {
            each.message_id: billed(each.bytes, each.message_id) for each in tries if each.subscription == unfiltered
        }
        again = (each for each in tries if each.subscription in fed and each.attempt > 1)
        total += sum(once.values()) * (1 + len(fed))
        total += sum(billed(each.bytes, each.message_id) for each in again)
    return total


@dataclass
class Meter:
    """It counts from when it is made."""

    world: World
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._expiring = frozenset(_expiring(self.world.records))
        self._processors = dict(_processors(self.world.records))
        self._subscriptions = {
            each.id: each for each in self.world.records.of("pubsub.Subscription") if each.get("pushConfig")
        }
        self.world.firestore.watch(self._watch)
        self.world.firestore.listen(self._created)

    def so_far(self) -> Counter[str]:
        """All of it, whenever it happened, but for Firestore and its feed."""
        world = self.world
        counts = self.counts + Counter(self._kind(call) for call in world.cloud_run.calls)
        counts["api requests"] = sum(call.origin is not Origin.GOOGLE for call in world.cloud_run.calls)
        counts["workflow tasks"] = sum(call.function.endswith("_tasks") for call in world.cloud_run.calls)
        for execution in world.executions:
            for kind, steps in (execution.ended or {}).get("steps", {}).items():
                counts[f"{kind} workflow steps"] += steps
        counts["message bytes"] = message_bytes(list(world.bridge.tries), self._subscriptions)
        counts["objects written"] = sum(len(objects) for objects in world.storage.objects.values())
        counts["log bytes"] = sum(len(line.encode()) for each in world.functions.values() for line in each.logged())
        return counts

    def _kind(self, call: Call) -> str:
        if call.origin is not Origin.GOOGLE or call.function == "api":
            return API
        return QUEUE if self._processors[call.function] else OTHER

    def _watch(self, method: str, request: Message, answers: list[Message]) -> None:
        self.counts.update(documents(method, request, answers))

    def _created(self, created: Created) -> None:
        self.counts[EXPIRING] += created.path.split("/")[-2] in self._expiring
        for trigger in self.world.triggers:
            if trigger.tells_of(created):
                asked = trigger.asked(created)
                size = len(asked.body) + sum(len(name) + len(value) for name, value in asked.headers)
                self.counts[FEED] += 2 * billed(size)


def _expiring(records: Records) -> Iterator[str]:
    """The collections whose documents Firestore deletes by itself."""
    return (each["collection"] for each in records.of("firestore.Field") if each.get("ttlConfig") is not None)


def _processors(records: Records) -> Iterator[tuple[str, str | None]]:
    """By entry point, what was asked for; a queue's consumer asks for a whole one, as the API does."""
    for each in records.of("cloudfunctionsv2.Function"):
        yield each["buildConfig"]["entryPoint"], each["serviceConfig"].get("availableCpu")
