"""What whoever operates the system sees of it and does to it, as docs/gcp.md says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore import Client
from google.pubsub_v1 import PubsubMessage, PullRequest

from components.naming import RULES, physical_name
from functions.domain.events import Json
from functions.environment import Variable
from tests.e2e.gcp.system import GcpSystem
from tests.e2e.gcp.world import scheduler
from tests.e2e.world.http import Reply
from tests.e2e.world.records import Record, last_part
from tests.engine.systems import STACK
from tests.gcp.outputs import PROJECT
from tests.gcp.pubsub.bridge import Try
from tests.gcp.pubsub.server import Pstest

PULLED_AT_ONCE = 1000


def name(kind: str, component: str) -> str:
    """Of a thing of this kind, as the components name it."""
    return physical_name(RULES["gcp", kind], project="orderly", stack=STACK, name=component)


@dataclass(frozen=True)
class Queue:
    """A queue and its dead letters: by what its consumer is told of them."""

    pubsub: Pstest
    topic: str
    dead_letters: str

    def send(self, body: bytes, **attributes: str) -> str:
        """Gives the message's id."""
        (message_id,) = self.send_all([PubsubMessage(data=body, attributes=attributes)])
        return message_id

    def send_all(self, messages: list[PubsubMessage]) -> list[str]:
        """In one call of Publish; gives their ids."""
        return list(self.pubsub.publisher.publish(topic=self.topic, messages=messages).message_ids)

    def dead(self, body: bytes | None = None) -> list[PubsubMessage]:
        """The dead letters, or those of them that have this body; they stay there."""
        received = self._pulled()
        if received:
            self.pubsub.subscriber.modify_ack_deadline(
                subscription=self._held, ack_ids=[each.ack_id for each in received], ack_deadline_seconds=0
            )
        return [each.message for each in received if body in (None, each.message.data)]

    def take_dead(self) -> list[PubsubMessage]:
        """The dead letters, which then are no more."""
        received = self._pulled()
        if received:
            self.pubsub.subscriber.acknowledge(subscription=self._held, ack_ids=[each.ack_id for each in received])
        return [each.message for each in received]

    def redrive(self) -> list[str]:
        """Publish what is dead to the queue's own topic again, with its attributes; gives the new messages' ids."""
        return [self.send(dead.data, **dead.attributes) for dead in self.take_dead()]

    @property
    def _held(self) -> str:
        """The subscription of the topic's name."""
        return self.dead_letters.replace("/topics/", "/subscriptions/")

    def _pulled(self) -> list[Any]:
        at_once = PullRequest(subscription=self._held, max_messages=PULLED_AT_ONCE, return_immediately=True)
        # The client itself warns of a pull that does not wait; here there is nothing to wait for.
        pull: Any = self.pubsub.subscriber.transport.pull
        return list(pull(at_once).received_messages)


@dataclass(frozen=True)
class Operator:
    system: GcpSystem
    firestore: Client
    """With nobody's account, past every door."""

    def function(self, handler: str) -> Record:
        return next(
            each
            for each in self.system.world.records.of("cloudfunctionsv2.Function")
            if each["buildConfig"]["entryPoint"] == handler
        )

    def account(self, handler: str) -> str:
        return str(self.function(handler)["serviceConfig"]["serviceAccountEmail"])

    def queue(self, handler: str) -> Queue:
        """The one that the handler consumes."""
        variables = self.function(handler)["serviceConfig"]["environmentVariables"]
        return Queue(self.system.world.pubsub, variables[Variable.QUEUE], variables[Variable.DEAD_LETTERS])

    def feed(self) -> Queue:
        """The relay's: what is published again is published to the bus."""
        variables = self.function("relay")["serviceConfig"]["environmentVariables"]
        return Queue(self.system.world.pubsub, variables[Variable.EVENT_BUS], variables[Variable.DEAD_LETTERS])

    def tries(self, handler: str) -> list[Try]:
        """All pushes to the handler, from whichever subscription."""
        url = self.function(handler)["serviceConfig"]["uri"]
        return [each for each in list(self.system.world.bridge.tries) if each.push.endpoint == url]

    def tries_of(self, message_id: str) -> list[tuple[int, int]]:
        """Number and status of each try to push a message that one subscription gets."""
        tries = [each for each in list(self.system.world.bridge.tries) if each.message_id == message_id]
        return [(each.attempt, each.status) for each in tries]

    def item(self, path: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self.firestore.document(path).get().to_dict()
        return found

    def put(self, path: str, fields: Mapping[str, Any]) -> None:
        """Past every function, straight into the database."""
        self.firestore.document(path).set(dict(fields))

    def archived(self) -> dict[str, Json]:
        """Each event of the archive, by its name."""
        bucket = name("bucket", f"event-archive-{PROJECT}")
        objects = self.system.world.storage.objects.get(bucket, {})
        return {key: json.loads(content) for key, content in dict(objects).items()}

    def runs(self, order_id: str) -> list[str]:
        """How each run of the saga that has this id stands."""
        return [execution.state for execution in self.system.world.workflows.of(order_id)]

    def run_schedule(self, component: str) -> Reply:
        job = self.system.world.records.one("cloudscheduler.Job", name=name("schedule", component))
        return scheduler.run(job, self.system.world.cloud_run)

    def denied(self, account: str, permission: str) -> AbstractContextManager[None]:
        """Meanwhile IAM refuses this to the account."""
        return self.system.world.access.denied(account, permission)

    def database(self) -> str:
        """Its full name."""
        return str(self.system.world.records.one("firestore.Database").id)

    def pusher(self, handler: str) -> str:
        """The account that Pub/Sub calls the handler as."""
        url = self.function(handler)["serviceConfig"]["uri"]
        subscriptions = self.system.world.records.of("pubsub.Subscription")
        return next(
            str(each["pushConfig"]["oidcToken"]["serviceAccountEmail"])
            for each in subscriptions
            if each.get("pushConfig", {}).get("pushEndpoint") == url
        )


def client(system: GcpSystem) -> Client:
    """Of the system's own database, at its fake; FIRESTORE_EMULATOR_HOST says where that is."""
    database = system.world.records.one("firestore.Database")
    return Client(project=PROJECT, database=last_part(database.id))
