"""What the Logic App does with a message of the queue, in the language of its definitions.

It makes the same JSON of an event as functions/services/notify_ops.py, posts it, and takes the message out of the queue
once the webhook took it; whatever fails leaves the message there, locked until its time is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
CONNECTION = "servicebus"
"""Of the definition's parameter `$connections`."""
WEBHOOK = "webhook"
"""The parameter that has the address to post to."""
VAULT_AUDIENCE = "https://vault.azure.net"
VAULT_VERSION = "7.4"
SECRET_HEADER = "X-Orderly-Secret"  # noqa: S105 a header's name
FIELDS: Mapping[str, str] = {
    "currency": "currency",
    "event_id": "id",
    "event_type": "type",
    "order_id": "order_id",
    "tenant": "tenant",
    "total_minor": "total_minor",
}
"""By field of the message, that of the event."""
TEXT = (
    "@concat('Order ', outputs('event')['order_id'], ' over ', string(outputs('event')['total_minor']), ' ', "
    "outputs('event')['currency'], ' (minor units) was placed')"
)
ONCE = {"type": "none"}
"""The queue tries again, and counts."""
PATIENCE = "PT20S"


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Where the secret is that the webhook's owner knows us by, and as whom it is read."""

    identity: str
    vault: str
    secret: str


def definition(queue: str, *, at_once: int, signer: Signer | None) -> Json:
    """Without a signer nothing is posted: what was to be told is in the run's history."""
    telling = _posting(signer) if signer else {}
    last = "post" if signer else "message"
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {
            "$connections": {"type": "Object", "defaultValue": {}},
            **({WEBHOOK: {"type": "SecureString"}} if signer else {}),
        },
        "triggers": {"received": _received(queue, at_once)},
        "actions": {
            "event": {
                "type": "Compose",
                "inputs": "@json(base64ToString(triggerBody()?['ContentData']))['data']",
                "runAfter": {},
            },
            "message": {"type": "Compose", "inputs": _message(), "runAfter": _after("event")},
            **telling,
            "done": _done(queue, last),
        },
    }


def _message() -> Json:
    fields = {name: f"@outputs('event')['{of}']" for name, of in FIELDS.items()}
    return dict(sorted({**fields, "text": TEXT}.items()))


def _received(queue: str, at_once: int) -> Json:
    """A message at a time, locked; asked for every minute, and again at once while there are more."""
    return {
        "type": "ApiConnection",
        "recurrence": {"frequency": "Minute", "interval": 1},
        "inputs": {
            "host": _host(),
            "method": "get",
            "path": f"/{_encoded(queue)}/messages/head/peek",
            "queries": {"queueType": "Main", "sessionId": "None"},
        },
        "runtimeConfiguration": {"concurrency": {"runs": at_once}},
    }


def _posting(signer: Signer) -> Json:
    return {
        "secret": {
            "type": "Http",
            "inputs": {
                "method": "GET",
                "uri": f"https://{signer.vault}.vault.azure.net/secrets/{signer.secret}?api-version={VAULT_VERSION}",
                "authentication": {
                    "type": "ManagedServiceIdentity",
                    "identity": signer.identity,
                    "audience": VAULT_AUDIENCE,
                },
                "retryPolicy": ONCE,
            },
            "limit": {"timeout": PATIENCE},
            "runtimeConfiguration": _unseen("outputs"),
            "runAfter": _after("message"),
        },
        "post": {
            "type": "Http",
            "inputs": {
                "method": "POST",
                "uri": f"@parameters('{WEBHOOK}')",
                "headers": {
                    "Content-Type": "application/json",
                    "Idempotency-Key": "@outputs('event')['id']",
                    SECRET_HEADER: "@body('secret')['value']",
                },
                "body": "@outputs('message')",
                "retryPolicy": ONCE,
            },
            # It would else wait for what a 202 points to.
            "operationOptions": "DisableAsyncPattern",
            "limit": {"timeout": PATIENCE},
            "runtimeConfiguration": _unseen("inputs"),
            "runAfter": _after("secret"),
        },
    }


def _done(queue: str, after: str) -> Json:
    return {
        "type": "ApiConnection",
        "inputs": {
            "host": _host(),
            "method": "delete",
            "path": f"/{_encoded(queue)}/messages/complete",
            "queries": {"lockToken": "@triggerBody()?['LockToken']", "queueType": "Main", "sessionId": ""},
        },
        "runAfter": _after(after),
    }


def _host() -> Json:
    return {"connection": {"name": f"@parameters('$connections')['{CONNECTION}']['connectionId']"}}


def _encoded(queue: str) -> str:
    return f"@{{encodeURIComponent(encodeURIComponent('{queue}'))}}"


def _after(action: str) -> Json:
    return {action: ["Succeeded"]}


def _unseen(what: str) -> Json:
    """Neither shown nor kept in the history of a run."""
    return {"secureData": {"properties": [what]}}
