"""Every handler by name, as in `functions.entrypoints.aws.handlers.api`.

Lambda's runtime asks for its one handler while it starts, when a function has a full CPU: that handler's module is
loaded then, with the SDK if it calls AWS, and no other one. Clients, credentials and ids come with the first event, so
a SnapStart snapshot holds none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from functions.entrypoints.aws.observed import Handler, observed

MODULES: Mapping[str, str] = {
    "api": "http",
    "relay": "relay",
    "fulfil": "messages",
    "project_demand": "messages",
    "notify_customer": "messages",
    "archive_events": "messages",
    "order_tasks": "tasks",
    "inventory_tasks": "tasks",
    "payment_tasks": "tasks",
    "delivery_tasks": "tasks",
    "cleanup": "cleanup",
    "pre_token": "pre_token",
    "authorize": "authorizer",
}
"""Which module has the handler."""

WITHOUT_SDK = frozenset({"pre_token", "authorize"})
"""They call nothing of AWS's, so they do not wait for botocore."""


def __getattr__(name: str) -> Handler:
    if name not in MODULES:
        raise AttributeError(f"there is no handler {name}, only {', '.join(MODULES)}: correct the handler string")
    handler: Handler = getattr(import_module(f"functions.entrypoints.aws.{MODULES[name]}"), name)
    return observed(handler, calls_aws=name not in WITHOUT_SDK)
