"""The calls that Google makes of a function, as our requests."""

from __future__ import annotations

import base64
import json
from typing import Any

from functions.api.messages import Request

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def posted(body: bytes, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method="POST", path="/", headers={"content-type": "application/json", **named}, body=body)


def push(body: bytes, attributes: dict[str, str] | None = None, **changed: object) -> dict[str, Any]:
    """What Pub/Sub pushes: cloud.google.com/pubsub/docs/push. `changed` are fields of the message."""
    message = {
        "data": base64.b64encode(body).decode(),
        "attributes": attributes or {},
        "messageId": "2070443601311540",
        "message_id": "2070443601311540",
        "publishTime": "2026-01-02T12:00:00.123Z",
        "publish_time": "2026-01-02T12:00:00.123Z",
        **changed,
    }
    return {"message": message, "subscription": "projects/orderly-test/subscriptions/fulfilment", "deliveryAttempt": 2}


def pushed_call(body: bytes, attributes: dict[str, str] | None = None, **changed: object) -> Request:
    return posted(json.dumps(push(body, attributes, **changed)).encode())
