"""The provider's cloud is a running ministack: what is created is there, and does what AWS's would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from tests.aws import recorded
from tests.e2e.aws.cloud import compute, gateways, identities, messaging, storage, workflows
from tests.e2e.aws.cloud.making import Clients, Maker, Making, clients_at
from tests.e2e.aws.cloud.unplayed import UNPLAYED
from tests.engine.simulated.cloud import Asked, CloudError, Found

MAKERS: Mapping[str, Maker] = {
    **compute.MAKERS,
    **messaging.MAKERS,
    **storage.MAKERS,
    **workflows.MAKERS,
    **identities.MAKERS,
    **gateways.MAKERS,
}


class MinistackCloud:
    """It lives for one `up`: what is in it ends with ministack, so nothing is read, changed or deleted by itself."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._clients: dict[str, Clients] = {}

    def create(self, asked: Asked) -> Found:
        """What ministack does not play is in the state alone."""
        resource_id, computed = recorded.computed(asked)
        made = {} if asked.type in UNPLAYED else self._made(asked)
        known = {**computed, **made}
        return Found(id=str(known.pop("id", resource_id)), inputs=dict(asked.inputs), computed=known)

    def read(self, type_token: str, resource_id: str) -> Found | None:
        raise CloudError(f"{type_token} {resource_id} is not read: a test of ministack deploys once")

    def update(self, asked: Asked, resource_id: str) -> Found:
        raise CloudError(f"{asked.type} {resource_id} is not changed: a test of ministack deploys once")

    def delete(self, type_token: str, resource_id: str) -> None:
        raise CloudError(f"{type_token} {resource_id} is not deleted: it ends with ministack")

    def _made(self, asked: Asked) -> Mapping[str, Any]:
        region = recorded.place(asked.provider).region
        clients = self._clients.setdefault(region, clients_at(self._address, region))
        try:
            return MAKERS[asked.type](Making(asked, clients))
        except (ClientError, ParamValidationError) as error:
            raise CloudError(f"{asked.type} {asked.name}: {error}") from None
