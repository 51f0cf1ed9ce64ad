"""What makes one kind of resource gets: the inputs, the clients of its region, and the request that CALLS has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeAlias

from botocore import xform_name
from botocore.session import Session

from functions.adapters.aws.clients import AwsClient
from tests.aws import recorded
from tests.aws.calls import CALLS
from tests.aws.outputs import Place
from tests.e2e.aws.cloud.requests import operation_of, parameters
from tests.engine.simulated.cloud import Asked

Clients: TypeAlias = Callable[[str], AwsClient]
"""A client by the name of its service."""


@dataclass(frozen=True)
class Making:
    asked: Asked
    clients: Clients

    @property
    def inputs(self) -> Mapping[str, Any]:
        return self.asked.inputs

    @property
    def place(self) -> Place:
        return recorded.place(self.asked.provider)

    def parameters(self, call: int = 0, **further: object) -> dict[str, Any]:
        """Of the request with this number among the type's calls; `further` goes before what the inputs say."""
        chosen = CALLS[self.asked.type][call]
        return {**parameters(self.clients(chosen.service).meta.service_model, chosen, self.inputs), **further}

    def send(self, call: int = 0, **further: object) -> dict[str, Any]:
        chosen = CALLS[self.asked.type][call]
        client = self.clients(chosen.service)
        operation = xform_name(operation_of(client.meta.service_model, chosen.structure))
        answer: dict[str, Any] = getattr(client, operation)(**self.parameters(call, **further))
        return answer


Maker: TypeAlias = Callable[[Making], Mapping[str, Any]]
"""Makes the resource; what it gives goes before what is computed of the inputs, `id` for one."""


def clients_at(address: str, region: str) -> Clients:
    """The account's own, which may do everything. Safe for several threads at once, which a session is not."""
    session, made, one_at_a_time = Session(), dict[str, AwsClient](), Lock()
    session.set_credentials("test", "test")

    def client(service: str) -> AwsClient:
        with one_at_a_time:
            if service not in made:
                made[service] = session.create_client(service, region_name=region, endpoint_url=f"http://{address}")
            return made[service]

    return client


def sent(making: Making) -> Mapping[str, Any]:
    """Its one request is all that there is to it, and its identifier follows from its inputs."""
    making.send()
    return {}
