"""The adapters of Google Cloud: on Google's own fake of Pub/Sub, and on ours of Firestore, Workflows and Storage.

The clients are the real ones, with their wire formats, retries and errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cached_property
from typing import Any
from uuid import uuid4

import pytest
from google.pubsub_v1 import PullRequest, Subscription

from functions.adapters.gcp import layout
from functions.adapters.gcp.ports import GcpPorts
from functions.codec import decode_event
from functions.domain.events import Json
from functions.environment import Environment, Variable
from tests.conformance.worlds import HIGH_VALUE_MINOR, INITIAL_UNITS, Published
from tests.gcp.executions_fake import ExecutionsFake
from tests.gcp.firestore_fake import Created, FirestoreFake
from tests.gcp.loopback import LoopbackClients
from tests.gcp.pubsub.server import Pstest
from tests.gcp.storage_fake import StorageFake

PROJECT = "orderly-test"
WORKFLOW = f"projects/{PROJECT}/locations/europe-west1/workflows/order"
HIGH_VALUE = 'attributes.tier = "high"'
PULLED_AT_ONCE = 1000


class GcpTarget(GcpPorts):
    """The ports of an instance, and the servers that they end up in, all of one test's own but Pub/Sub.

    The instance has this process's variables, secrets among them, and starts when a test first asks for a port.
    """

    secrets_are_mounted = True

    def __init__(
        self,
        name: str,
        *,
        firestore: FirestoreFake,
        workflows: ExecutionsFake,
        storage: StorageFake,
        pubsub: Pstest,
        variables: pytest.MonkeyPatch,
    ) -> None:
        self.name = name
        self.firestore, self.workflows, self.storage, self.pubsub = firestore, workflows, storage, pubsub
        self.created: list[Created] = []
        self._variables = variables

    @cached_property
    def environment(self) -> Environment:
        return Environment.from_process()

    @cached_property
    def clients(self) -> LoopbackClients:
        return LoopbackClients(
            self.environment,
            publisher_address=self.pubsub.address,
            executions_address=self.workflows.address,
            storage_url=self.storage.url,
        )

    def close(self) -> None:
        """What has started of it."""
        if "clients" in vars(self):
            self.clients.close()

    def feed(self) -> list[str]:
        """As Eventarc picks them out: documents that were created, of the pattern of events."""
        return [
            decode_event(each.fields["body"].string_value.encode()).id
            for each in self.created
            if _is_like(each.path, layout.EVENT_DOCUMENTS)
        ]

    def left(self, sku: str) -> int:
        stock = self.document(layout.single(layout.STOCK, sku))
        return int(stock["available"]) if stock else INITIAL_UNITS

    def inbox(self) -> list[tuple[str, str, str]]:
        return [(each["tenant"], each["order_id"], each["subject"]) for each in self.collection("messages").values()]

    def ordered(self) -> dict[str, int]:
        return {sku: demand["units"] for sku, demand in self.collection("demand").items()}

    def runs(self) -> list[tuple[str, Mapping[str, Json]]]:
        return [(each.argument["run_id"], each.argument["data"]) for each in self.workflows.starts]

    def published(self) -> list[Published]:
        return [
            Published(id=decode_event(each.data).id, body=each.data, attributes=_matched_on(each.attributes))
            for each in self.delivered("all")
        ]

    def high_values(self) -> list[str]:
        return [decode_event(each.data).id for each in self.delivered("high-values")]

    def put_secret(self, name: str, value: str) -> None:
        """For the instances that start from now on."""
        self._variables.setenv(name, value)

    def archived(self) -> dict[str, bytes]:
        return self.storage.objects.get(self.name, {})

    def document(self, path: str) -> dict[str, Any] | None:
        return self.clients.firestore.document(path).get().to_dict()

    def collection(self, path: str) -> dict[str, dict[str, Any]]:
        """Documents by their id, in its order."""
        return {each.id: each.to_dict() or {} for each in self.clients.firestore.collection(path).stream()}

    def delivered(self, subscription: str) -> list[Any]:
        """The messages that a subscription holds, in the order in which the topic got them."""
        name = f"projects/{PROJECT}/subscriptions/{self.name}-{subscription}"
        at_once = PullRequest(subscription=name, max_messages=PULLED_AT_ONCE, return_immediately=True)
        # The client itself warns of a pull that does not wait; here there is nothing to wait for.
        pull: Any = self.pubsub.subscriber.transport.pull
        while received := pull(at_once).received_messages:
            self._delivered.setdefault(subscription, []).extend(each.message for each in received)
            self.pubsub.subscriber.acknowledge(subscription=name, ack_ids=[each.ack_id for each in received])
        return sorted(self._delivered.get(subscription, []), key=lambda message: int(message.message_id.lstrip("m")))

    @cached_property
    def _delivered(self) -> dict[str, list[Any]]:
        return {}


def _is_like(path: str, pattern: str) -> bool:
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(
        part == want or want.startswith("{") for part, want in zip(parts, wanted, strict=True)
    )


def _matched_on(attributes: Mapping[str, str]) -> dict[str, str | int]:
    """A filter of Pub/Sub sees the number as text."""
    return {**attributes, "total_minor": int(attributes["total_minor"])}


@contextmanager
def open_gcp(pubsub: Pstest) -> Iterator[GcpTarget]:
    name = f"orders-{uuid4().hex}"
    topic = _create_topic(pubsub, name)
    variables: dict[str, str] = {
        Variable.PROJECT: PROJECT,
        Variable.DATABASE: name,
        Variable.EVENT_BUS: topic,
        Variable.BUCKET: name,
        Variable.WORKFLOW: WORKFLOW,
        Variable.SANDBOX_STOCK: str(INITIAL_UNITS),
        Variable.HIGH_VALUE_MINOR: str(HIGH_VALUE_MINOR),
    }
    with (
        FirestoreFake() as firestore,
        ExecutionsFake() as workflows,
        StorageFake() as storage,
        pytest.MonkeyPatch.context() as process,
    ):
        for variable, value in {**variables, "FIRESTORE_EMULATOR_HOST": firestore.address}.items():
            process.setenv(variable, value)
        target = GcpTarget(
            name, firestore=firestore, workflows=workflows, storage=storage, pubsub=pubsub, variables=process
        )
        firestore.listen(target.created.append)
        with closing(target):
            yield target


def _create_topic(pubsub: Pstest, name: str) -> str:
    """With a subscription to all of it, and one to what the operators are told of."""
    topic = f"projects/{PROJECT}/topics/{name}"
    pubsub.publisher.create_topic(name=topic)
    for subscription, only in (("all", ""), ("high-values", HIGH_VALUE)):
        pubsub.subscriber.create_subscription(
            request=Subscription(
                name=f"projects/{PROJECT}/subscriptions/{name}-{subscription}", topic=topic, filter=only
            )
        )
    return topic
