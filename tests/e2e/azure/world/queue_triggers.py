"""The Functions host's listeners at queues: each message that it receives is one call of the app, then settled.

It receives as the identity that the connection's settings name, as many messages at once as all instances would,
renews the lock of each for as long as the call takes, completes it after a call that succeeded, and gives it back
after one that failed. Where the identity may not receive it tries again. What it leaves out: fetching ahead, batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from tests.azure.worker import InvocationFailedError, WorkerEndedError, binary, message_metadata, new_trace
from tests.e2e.azure.world.access import RECEIVE, Access
from tests.e2e.azure.world.apps import App, HostError
from tests.e2e.azure.world.service_bus import Message, Received, ServiceBus
from tests.e2e.world.records import Records

LOOK_SECONDS = 0.2
SUFFIX = ".servicebus.windows.net"


@dataclass(frozen=True, kw_only=True)
class Try:
    """`why` it failed; empty if it did not."""

    handler: str
    message: Message
    why: str


@dataclass(frozen=True, kw_only=True)
class QueueTrigger:
    app: App
    function: str
    queue: str
    """Its identifier."""
    principal: str
    at_once: int
    access: Access
    bus: ServiceBus
    tries: list[Try]
    closed: Event = field(default_factory=Event)

    def listen(self) -> None:
        while not self.closed.is_set():
            if not self.access.allows(self.principal, RECEIVE, on=self.queue):
                self.closed.wait(LOOK_SECONDS)
            elif received := self.bus.receive(self.queue, wait_seconds=LOOK_SECONDS, keeps_lock=True):
                self._call(received)

    def _call(self, received: Received) -> None:
        try:
            self._deliver(received.message)
        except (InvocationFailedError, WorkerEndedError) as error:
            self._note(received.message, str(error) or type(error).__name__)
            self.bus.abandon(self.queue, received.lock)
        else:
            self._note(received.message, "")
            self.bus.complete(self.queue, received.lock)

    def _deliver(self, message: Message) -> None:
        told = message_metadata(message.delivery, message.properties, message_id=message.id, sequence=message.sequence)
        self.app.worker.invoke(self.function, {"message": binary(message.body)}, metadata=told, traceparent=new_trace())

    def _note(self, message: Message, why: str) -> None:
        self.tries.append(Try(handler=self.app.handler, message=message, why=why))


@contextmanager
def listening(apps: list[App], records: Records, access: Access, bus: ServiceBus) -> Iterator[list[Try]]:
    """Gives all tries, as they are made."""
    tries = list[Try]()
    triggers = [_trigger(app, records, access, bus, tries) for app in apps if list(app.triggers("serviceBusTrigger"))]
    threads = [Thread(target=trigger.listen) for trigger in triggers for _ in range(trigger.at_once)]
    for thread in threads:
        thread.start()
    try:
        yield tries
    finally:
        for trigger in triggers:
            trigger.closed.set()
        for thread in threads:
            thread.join()


def _trigger(app: App, records: Records, access: Access, bus: ServiceBus, tries: list[Try]) -> QueueTrigger:
    ((function, binding),) = app.triggers("serviceBusTrigger")
    if binding["cardinality"] != "ONE" or binding["dataType"] != "BINARY":
        raise NotImplementedError(f"a trigger of several messages, or of text: {binding}")
    connection = binding["connection"]
    namespace = app.settings.get(f"{connection}__fullyQualifiedNamespace", "").removesuffix(SUFFIX)
    queue = bus.entity(namespace, binding["queueName"])
    if queue is None:
        raise HostError(f"{app.handler}: there is no queue {binding['queueName']} in {namespace}")
    return QueueTrigger(
        app=app,
        function=function["name"],
        queue=queue,
        principal=app.connected_as(connection, records),
        at_once=app.at_once(int(app.host["extensions"]["serviceBus"]["maxConcurrentCalls"])),
        access=access,
        bus=bus,
        tries=tries,
    )
