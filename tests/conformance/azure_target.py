"""The adapters of Azure, on our own fakes of Cosmos DB, Event Grid, Blob Storage and the workflow's app.

The client of Cosmos DB is Microsoft's own, with its wire format, retries and errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import msgspec

from functions.adapters.azure import layout
from functions.adapters.azure.ports import AzurePorts
from functions.adapters.azure.secrets import MountedSecrets
from functions.codec import decode_event
from functions.domain.events import Json
from functions.environment import Environment, Variable
from tests.azure.blob_fake import BlobFake
from tests.azure.cosmos_fake import Changed, CosmosFake
from tests.azure.eventgrid_fake import EventGridFake
from tests.azure.loopback_clients import LoopbackClients
from tests.azure.starts_fake import AUDIENCE, StartsFake
from tests.conformance.worlds import HIGH_VALUE_MINOR, INITIAL_UNITS, Published

LEASE = timedelta(seconds=20)


@dataclass(frozen=True)
class AzureTarget(AzurePorts):
    """The ports that a function gets, and the servers that they end up in, all of one test's own."""

    made: LoopbackClients
    cosmos: CosmosFake
    topic: EventGridFake
    blobs: BlobFake
    starts: StartsFake
    changed: list[Changed] = field(default_factory=list)
    secrets_are_mounted = True

    @property
    def clients(self) -> LoopbackClients:
        return self.made

    @cached_property
    def secrets(self) -> MountedSecrets:
        """Of an instance that starts when a test first looks, with what is there by then."""
        return MountedSecrets(dict(self.environment.values))

    def feed(self) -> list[str]:
        """As the relay picks them out of what the trigger brings: items of the kind `event`."""
        return [
            decode_event(each.item[layout.BODY].encode()).id
            for each in self.changed
            if each.container == layout.ORDERS and each.item[layout.KIND] == layout.EVENT
        ]

    def left(self, sku: str) -> int:
        stock = self.items(layout.INVENTORY).get(layout.single("stock", sku))
        return int(stock["available"]) if stock else INITIAL_UNITS

    def inbox(self) -> list[tuple[str, str, str]]:
        messages = self.items(layout.MESSAGES).values()
        return [(each["tenant"], each["order_id"], each["subject"]) for each in messages]

    def ordered(self) -> dict[str, int]:
        found = self.items(layout.DEMAND).items()
        return {item["sku"]: item["units"] for id_, item in found if id_.startswith("units-")}

    def runs(self) -> list[tuple[str, Mapping[str, Json]]]:
        return list(self.starts.runs.items())

    def published(self) -> list[Published]:
        """What a queue gets to read of each, and what filters see of it."""
        return [
            Published(id=each["id"], body=msgspec.json.encode(each["data"]), attributes=_matched_on(each))
            for each in self.topic.events
        ]

    def high_values(self) -> list[str]:
        """By the filter NumberGreaterThan on data.total_minor."""
        return [each["id"] for each in self.topic.events if each["data"]["total_minor"] > HIGH_VALUE_MINOR]

    def put_secret(self, name: str, value: str) -> None:
        """For the instances that start from now on."""
        variables: Any = self.environment.values
        variables[name] = value

    def archived(self) -> dict[str, bytes]:
        return self.blobs.blobs

    def items(self, container: str) -> dict[str, dict[str, Any]]:
        """Items by their id, in its order, without what Cosmos DB itself notes of them."""
        with self.cosmos.store.lock:
            found = [item for _, item in self.cosmos.store.all(self.cosmos.store.container(container))]
        return {
            item["id"]: {name: value for name, value in item.items() if not name.startswith("_")}
            for item in sorted(found, key=lambda item: str(item["id"]))
        }


def _matched_on(event: Mapping[str, Any]) -> dict[str, str | int]:
    data = event["data"]
    return {
        "event_type": event["type"],
        "tenant": data["tenant"],
        "total_minor": data["total_minor"],
        "currency": data["currency"],
    }


@contextmanager
def open_azure() -> Iterator[AzureTarget]:
    with CosmosFake() as cosmos, EventGridFake() as topic, BlobFake() as blobs, StartsFake() as starts:
        variables: dict[str, str] = {
            Variable.DATABASE: "orders",
            Variable.COSMOS_ENDPOINT: cosmos.endpoint,
            Variable.EVENT_BUS: topic.endpoint,
            Variable.BUCKET: blobs.container,
            Variable.WORKFLOW: starts.address,
            Variable.AUDIENCE: AUDIENCE,
            Variable.LEASE_SECONDS: f"{LEASE.total_seconds():g}",
            Variable.SANDBOX_STOCK: str(INITIAL_UNITS),
        }
        environment = Environment(variables)
        clients = LoopbackClients(environment)
        with closing(clients):
            target = AzureTarget(environment, clients, cosmos, topic, blobs, starts)
            cosmos.listen(target.changed.append)
            yield target
