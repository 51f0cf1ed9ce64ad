"""What whoever operates the system sees of it and does to it, as docs/azure.md says."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, cast

from azure.cosmos import CosmosClient, DatabaseProxy

from functions.adapters.azure import layout
from functions.adapters.azure.items import Items
from functions.adapters.azure.orders import CosmosOrders
from functions.domain.events import Event, Json
from functions.domain.order import Order
from functions.environment import Variable
from tests.azure.cosmos_fake.server import CosmosFake
from tests.azure.loopback_clients import LoopbackCredential, LoopbackTransport
from tests.e2e.azure.system import AzureSystem
from tests.e2e.azure.world import timer
from tests.e2e.azure.world.access import RECEIVE
from tests.e2e.azure.world.apps import App
from tests.e2e.azure.world.queue_triggers import Try
from tests.e2e.azure.world.service_bus import Message, ServiceBus
from tests.e2e.world.records import Record
from tests.engine.systems import until

ARCHIVE = "event-archive"


@dataclass(frozen=True)
class Queue:
    """A queue and its dead letters, by their identifiers."""

    bus: ServiceBus
    id: str
    dead_letters: str

    def send(self, body: bytes, **properties: str) -> str:
        """Gives the message's id."""
        message = Message(body=body, properties=properties)
        self.bus.send(self.id, message)
        return message.id

    def dead(self, body: bytes | None = None) -> list[Message]:
        """The dead letters, or those of them that have this body; they stay there."""
        return [each for each in self.bus.held(self.dead_letters) if body in (None, each.body)]

    def take_dead(self) -> list[Message]:
        """The dead letters, which then are no more."""
        return list(self._taken())

    def redrive(self) -> list[str]:
        """Send what is dead to the queue again, with its properties; gives the new messages' ids."""
        return [self.send(dead.body, **dead.properties) for dead in self.take_dead()]

    def _taken(self) -> Iterator[Message]:
        while received := self.bus.receive(self.dead_letters, wait_seconds=0):
            self.bus.complete(self.dead_letters, received.lock)
            yield received.message


@dataclass(frozen=True)
class Operator:
    system: AzureSystem

    def app(self, handler: str) -> App:
        return self.system.world.apps[handler]

    def principal(self, handler: str) -> str:
        return self.app(handler).principal

    def queue(self, handler: str) -> Queue:
        """The one that the handler consumes."""
        settings = self.app(handler).settings
        return self._queue(settings[Variable.QUEUE], settings[Variable.DEAD_LETTERS].rpartition("/")[2])

    def notification(self) -> Queue:
        """The Logic App's."""
        (app,) = self.system.world.logic_apps
        queue = self.system.world.records.one("servicebus.Queue", id=app.queue)
        return self._queue(queue["queueName"], queue["forwardDeadLetteredMessagesTo"])

    def feed(self) -> Queue:
        """The relay's dead letters; what is published again is published to the bus."""
        name = self.app("relay").settings[Variable.DEAD_LETTERS].rpartition("/")[2]
        return self._queue(name, name)

    def tries(self, handler: str) -> list[Try]:
        """All calls of the handler with a message."""
        return [each for each in list(self.system.world.tries) if each.handler == handler]

    def tries_of(self, message_id: str) -> list[tuple[int, bool]]:
        """Number of each delivery of a message, and whether it succeeded."""
        tries = [each for each in list(self.system.world.tries) if each.message.id == message_id]
        return [(each.message.delivery, not each.why) for each in tries]

    def item(self, container: str, partition: str, id_: str) -> Mapping[str, Any] | None:
        """Past every door, straight out of the database."""
        store = self.cosmos.store
        with store.lock:
            items = {(key, item["id"]): item for key, item in store.all(store.container(container))}
        return items.get((partition, id_))

    def put(self, container: str, partition: str, item: Mapping[str, Any]) -> None:
        """Past every door, straight into the database."""
        store = self.cosmos.store
        created = {"operationType": "Create", "resourceBody": {**item, layout.key_of(container): partition}}
        with store.lock:
            (result,) = store.batch(store.container(container), partition, [created])
        assert result["statusCode"] == 201, result

    @contextmanager
    def database(self) -> Iterator[DatabaseProxy]:
        """By Microsoft's client, past every door."""
        with self.cosmos as served:
            address = served.url.replace("http://", "https://")
            credential, transport = LoopbackCredential(), LoopbackTransport()
            with CosmosClient(address, credential, transport=transport, enable_endpoint_discovery=False) as client:
                yield client.get_database_client(self.app("api").settings[Variable.DATABASE])

    def add(self, order: Order, events: Sequence[Event]) -> None:
        """An order of any age, as the API would have written it with these events."""
        with self.database() as database:
            container = database.get_container_client(layout.ORDERS)
            CosmosOrders(Items(lambda: container, layout.key_of(layout.ORDERS))).add(order, events, None)

    @property
    def cosmos(self) -> CosmosFake:
        (only,) = self.system.world.cosmos.values()
        return only

    def archived(self) -> dict[str, Json]:
        """Each event of the archive, by its name."""
        return {name: json.loads(content) for name, content in self._blobs(ARCHIVE).items()}

    def undelivered(self) -> list[Mapping[str, Any]]:
        """The bus's dead letters."""
        return [event for content in self._blobs("dead-letters").values() for event in json.loads(content)]

    def publish(self, event: Mapping[str, Any]) -> None:
        """To the event bus, once more."""
        (topic,) = self.system.world.records.of("eventgrid.Topic")
        again = {name: value for name, value in event.items() if not name.startswith("deadletter")}
        self.system.world.event_grid.taking(topic)([again])

    def runs(self, order_id: str) -> list[str]:
        """How each run of the saga that has this id stands."""
        return [run.status for each in self.system.world.durable.values() for run in each.runs if run.id == order_id]

    def run_schedule(self, handler: str) -> None:
        timer.fire(self.app(handler))

    def denied(self, principal: str, action: str) -> AbstractContextManager[None]:
        """Meanwhile the identity may not do this to anything."""
        return self.system.world.access.denied(principal, action)

    @contextmanager
    def consuming_nothing(self, handler: str) -> Iterator[None]:
        """Meanwhile the handler's messages stay in their queue: nobody waits for one any more who was allowed to."""
        access, principal = self.system.world.access, self.principal(handler)
        since, listeners = len(access.refused), self.app(handler).at_once(1)
        with self.denied(principal, RECEIVE):
            until(lambda: [each.principal for each in access.refused[since:]].count(principal) > 2 * listeners)
            yield

    @contextmanager
    def without(self, *records: Record) -> Iterator[None]:
        """Meanwhile these were never deployed."""
        made = cast(dict[str, Any], self.system.world.records.made)
        taken = {key: made.pop(key) for key in [f"{each.type} {each.id}" for each in records]}
        try:
            yield
        finally:
            made.update(taken)

    @contextmanager
    def changed(self, record: Record, **inputs: object) -> Iterator[None]:
        """Meanwhile it was deployed with these inputs."""
        made = cast(dict[str, Any], self.system.world.records.made)
        key = f"{record.type} {record.id}"
        before = made[key]
        made[key] = {**before, "inputs": {**before["inputs"], **inputs}}
        try:
            yield
        finally:
            made[key] = before

    def _queue(self, name: str, dead_letters: str) -> Queue:
        (namespace,) = self.system.world.records.of("servicebus.Namespace")
        bus = self.system.world.bus
        ids = [bus.entity(namespace["namespaceName"], each) for each in (name, dead_letters)]
        assert all(ids), ids
        return Queue(bus, str(ids[0]), str(ids[1]))

    def _blobs(self, container: str) -> dict[str, bytes]:
        record = self.system.world.records.one("storage.BlobContainer", containerName=container)
        return dict(self.system.world.blobs[record.id].blobs)


def cloud_event(body: bytes) -> bytes:
    """As Event Grid delivers an event of ours."""
    data = json.loads(body)
    told = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "orderly", "type": data["type"], "data": data}
    return json.dumps(told).encode()
