"""The clients of the functions, led to this machine: those of the SDK's that no variable of its own leads there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client as Storage  # type: ignore[import-untyped]
from google.cloud.workflows.executions import ExecutionsClient
from google.cloud.workflows.executions_v1.services.executions.transports import ExecutionsGrpcTransport
from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from functions.adapters.gcp.clients import Clients
from functions.environment import Variable


@dataclass(frozen=True)
class LoopbackClients(Clients):
    """Firestore's looks for FIRESTORE_EMULATOR_HOST itself. The others get their servers' addresses here."""

    publisher_address: str
    executions_address: str
    storage_url: str

    @cached_property
    def publisher(self) -> PublisherClient:
        return PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(self.publisher_address)))

    @cached_property
    def executions(self) -> ExecutionsClient:
        channel = grpc.insecure_channel(self.executions_address)
        return ExecutionsClient(transport=ExecutionsGrpcTransport(channel=channel))

    @cached_property
    def storage(self) -> Storage:
        return Storage(
            project=self.environment[Variable.PROJECT],
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": self.storage_url},
        )

    def close(self) -> None:
        """Those that were used."""
        made = vars(self)
        if "firestore" in made:
            self.firestore.close()  # type: ignore[no-untyped-call]
        for name in ("publisher", "executions"):
            if name in made:
                made[name].transport.close()
        if "storage" in made:
            self.storage.close()
