"""Calls of an app on Azure, as our requests and deliveries."""

from __future__ import annotations

import json
from collections.abc import Mapping

from functions.api.messages import Request
from functions.codec import encode_event
from functions.entrypoints.azure.callers import PRINCIPAL
from functions.entrypoints.azure.triggers import Delivery
from functions.environment import Environment, Variable
from tests.unit.functions.orders import placed

CALLER = "4f3c1d2e-0000-4000-8000-00000000000a"
ANOTHER = "4f3c1d2e-0000-4000-8000-00000000000b"
ENVIRONMENT = Environment({Variable.CALLERS: f"{ANOTHER}, {CALLER.upper()}"})
_, (PLACED,) = placed()
BODY = encode_event(PLACED)


def posted(body: bytes, *, caller: str | None = CALLER, method: str = "POST", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    principal = {} if caller is None else {PRINCIPAL: caller}
    return Request(
        method=method, path="/", headers={"content-type": "application/json", **principal, **named}, body=body
    )


def cloud_event(data: bytes | None = BODY, **changed: object) -> bytes:
    """As Event Grid delivers what was published."""
    told = {
        "specversion": "1.0",
        "id": PLACED.id,
        "source": "orderly",
        "type": PLACED.type.value,
        "subject": PLACED.order_id,
        "time": "2026-01-02T12:00:00.000Z",
        "datacontenttype": "application/json",
        "data": None if data is None else json.loads(data),
        **changed,
    }
    return json.dumps({name: value for name, value in told.items() if value is not None}).encode()


def delivered(body: bytes, attributes: Mapping[str, str] | None = None, *, attempt: int = 2) -> Delivery:
    return Delivery(id="m1", sequence=7, body=body, attempt=attempt, attributes=attributes or {})
