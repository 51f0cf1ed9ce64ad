"""A STAND-IN for Service Bus, our own: the queues, topics and subscriptions that were recorded, and no others.

By the documents (learn.microsoft.com/azure/service-bus-messaging): a message that is received is locked; one that is
given back, or whose lock runs out, is there again at once, and counts; after its last delivery it is a dead letter,
with `DeadLetterReason`. Duplicates are dropped by their id. A subscription without a rule of its own lets everything
pass, and forwards what passed. Locks and the memory for ids are `scale` of what was declared. What it leaves out:
messages that expire, sessions, transactions, schedules, AMQP, sizes. A dead letter that cannot be forwarded fails.
"""

from __future__ import annotations

import itertools
import json
import re
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Condition

from tests.e2e.azure.world.sql_filter import ALWAYS, passes
from tests.e2e.world.http import Asked, Reply
from tests.e2e.world.records import Record, Records, last_part

BATCH = "application/vnd.microsoft.servicebus.json"
MAX_DELIVERIES, LOCK_SECONDS = 10, 60.0
"""Of a queue that does not say."""
EXCEEDED = "MaxDeliveryCountExceeded"


class LockLostError(Exception):
    """The lock ran out, or the message was settled: it is somebody else's now."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """`delivery` is 0 until it is delivered; `sequence` numbers the messages of the bus."""

    body: bytes
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    properties: Mapping[str, str] = field(default_factory=dict)
    sequence: int = 0
    delivery: int = 0


@dataclass(frozen=True, kw_only=True)
class Received:
    lock: str
    message: Message


@dataclass
class _Queue:
    ready: deque[Message] = field(default_factory=deque)
    locked: dict[str, tuple[Message, float]] = field(default_factory=dict)
    dead: list[Message] = field(default_factory=list)
    """Where dead letters are forwarded to no other queue."""


class ServiceBus:
    """Entities are named by their identifier. Whoever calls has been asked already what it may do."""

    def __init__(self, records: Records, scale: float) -> None:
        self._records, self._scale = records, scale
        self._queues = {record.id: _Queue() for record in records.of("servicebus.Queue")}
        self._seen: dict[tuple[str, str], float] = {}
        self._numbers = itertools.count(1)
        self._changed = Condition()
        self.operations = Counter[str]()
        """What Service Bus would bill (learn.microsoft.com/azure/service-bus-messaging/service-bus-auto-forwarding)."""

    def entity(self, namespace: str, name: str) -> str | None:
        """The identifier of a queue or a topic."""
        for kind, called in (("servicebus.Queue", "queueName"), ("servicebus.Topic", "topicName")):
            for record in self._records.of(kind):
                if (record["namespaceName"], record[called]) == (namespace, name):
                    return record.id
        return None

    def send(self, entity: str, message: Message) -> None:
        """To a queue, or to whichever queues the topic's subscriptions forward it. LookupError if there is none."""
        with self._changed:
            self.operations["sent"] += 1
            self._put(entity, message)
            self._changed.notify_all()

    def receive(self, queue: str, *, wait_seconds: float, keeps_lock: bool = False) -> Received | None:
        """None if nothing comes in that time. `keeps_lock`: whoever asks renews it for as long as it takes."""
        deadline = time.monotonic() + wait_seconds
        with self._changed:
            while not (found := self._next(queue, keeps_lock)):
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(min(left, 0.1))
            return found

    def complete(self, queue: str, lock: str) -> None:
        with self._changed:
            self.operations["completed"] += 1
            self._unlocked(queue, lock)

    def abandon(self, queue: str, lock: str) -> None:
        with self._changed:
            self._give_back(queue, self._unlocked(queue, lock))
            self._changed.notify_all()

    def held(self, queue: str) -> list[Message]:
        """What is there and nobody has received, oldest first; it stays."""
        with self._changed:
            return list(self._queues[queue].ready)

    def dead(self, queue: str) -> list[Message]:
        with self._changed:
            return list(self._queues[queue].dead)

    def is_idle(self, queue: str) -> bool:
        with self._changed:
            return not self._queues[queue].ready and not self._queues[queue].locked

    def _record(self, kind: str, entity: str) -> Record | None:
        return next((each for each in self._records.of(kind) if each.id == entity), None)

    def _put(self, entity: str, message: Message) -> None:
        record = self._record("servicebus.Queue", entity) or self._record("servicebus.Topic", entity)
        if record is None:
            raise LookupError(f"there is no entity {entity}")
        if self._is_duplicate(record, message):
            return
        if entity in self._queues:
            self._queues[entity].ready.append(replace(message, sequence=next(self._numbers), delivery=0))
            return
        for subscription in self._subscriptions(record):
            if any(passes(each)(message.properties) for each in self._filters(subscription)):
                self.operations["forwarded"] += 1
                self._put(self._beside(subscription, subscription["forwardTo"]), message)

    def _is_duplicate(self, record: Record, message: Message) -> bool:
        if not record.get("requiresDuplicateDetection"):
            return False
        now, remembered = time.monotonic(), seconds(record["duplicateDetectionHistoryTimeWindow"]) * self._scale
        is_known = now - self._seen.get((record.id, message.id), -remembered) < remembered
        if not is_known:
            self._seen[record.id, message.id] = now
        return is_known

    def _subscriptions(self, topic: Record) -> Iterator[Record]:
        for each in self._records.of("servicebus.Subscription"):
            if (each["namespaceName"], each["topicName"]) == (topic["namespaceName"], topic["topicName"]):
                yield each

    def _filters(self, subscription: Record) -> list[str]:
        """`$Default` is there from the start, and lets everything pass until it is another one."""
        found = {"$Default": ALWAYS}
        for kind in ("servicebus.DefaultRule", "servicebus.Rule"):
            for rule in self._records.of(kind):
                if rule.id.startswith(f"{subscription.id}/rules/"):
                    found[last_part(rule.id)] = rule["sqlFilter"]["sqlExpression"]
        return list(found.values())

    def _next(self, queue: str, keeps_lock: bool) -> Received | None:
        self._unlock_what_ran_out(queue)
        if not self._queues[queue].ready:
            return None
        self.operations["received"] += 1
        message = self._queues[queue].ready.popleft()
        delivered = replace(message, delivery=message.delivery + 1)
        lock = str(uuid.uuid4())
        record = self._record("servicebus.Queue", queue)
        declared = seconds(record["lockDuration"]) if record and record.get("lockDuration") else LOCK_SECONDS
        ends = float("inf") if keeps_lock else time.monotonic() + declared * self._scale
        self._queues[queue].locked[lock] = (delivered, ends)
        return Received(lock=lock, message=delivered)

    def _unlock_what_ran_out(self, queue: str) -> None:
        now = time.monotonic()
        for lock, (message, ends) in list(self._queues[queue].locked.items()):
            if ends <= now:
                del self._queues[queue].locked[lock]
                self._give_back(queue, message)

    def _unlocked(self, queue: str, lock: str) -> Message:
        self._unlock_what_ran_out(queue)
        if lock not in self._queues[queue].locked:
            raise LockLostError(lock)
        return self._queues[queue].locked.pop(lock)[0]

    def _give_back(self, queue: str, message: Message) -> None:
        record = self._record("servicebus.Queue", queue)
        if record is None:
            return
        if message.delivery < record.get("maxDeliveryCount", MAX_DELIVERIES):
            self._queues[queue].ready.appendleft(message)
            return
        dead = replace(message, properties={**message.properties, "DeadLetterReason": EXCEEDED})
        if forwarded := record.get("forwardDeadLetteredMessagesTo"):
            self._put(self._beside(record, forwarded), dead)
        else:
            self._queues[queue].dead.append(dead)

    def _beside(self, record: Record, name: str) -> str:
        entity = self.entity(record["namespaceName"], name)
        if entity is None:
            raise LookupError(f"{record.id} forwards to {name}, which is not there")
        return entity


def sent(bus: ServiceBus, entity: str, asked: Asked) -> Reply:
    """A batch by HTTP (learn.microsoft.com/rest/api/servicebus/send-message-batch), the one way that the apps send."""
    if asked.header("Content-Type") != BATCH:
        raise NotImplementedError(f"a message by HTTP as {asked.header('Content-Type')}")
    for each in json.loads(asked.body):
        broker = each.get("BrokerProperties", {})
        known = {"id": broker["MessageId"]} if "MessageId" in broker else {}
        bus.send(entity, Message(body=each["Body"].encode(), properties=each.get("UserProperties", {}), **known))
    return Reply(status=201)


def seconds(duration: str) -> float:
    """Of a duration as ISO 8601 has it, in one unit."""
    found = re.fullmatch(r"PT(\d+)S|PT(\d+)M|P(\d+)D", duration)
    if found is None:
        raise NotImplementedError(f"a duration in several units: {duration}")
    return float(sum(int(value) * unit for value, unit in zip(found.groups("0"), (1, 60, 86400), strict=True)))
