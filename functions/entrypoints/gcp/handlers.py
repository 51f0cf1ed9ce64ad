"""Every handler by name, which is the entry point of its function.

functions-framework asks for its one handler before it listens, while Cloud Run lends the instance more CPU: that
handler's module and adapters are loaded then, and no others. Clients come with the first request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module

from functions.api.bodies import MAX_BODY_BYTES
from functions.entrypoints.gcp.observed import View, observed

MODULES: Mapping[str, str] = {
    "api": "http",
    "relay": "relay",
    "fulfil": "messages",
    "project_demand": "messages",
    "notify_customer": "messages",
    "archive_events": "messages",
    "notify_ops": "messages",
    "order_tasks": "tasks",
    "inventory_tasks": "tasks",
    "payment_tasks": "tasks",
    "delivery_tasks": "tasks",
    "cleanup": "cleanup",
}
"""Which module has the handler."""
ADAPTERS: Mapping[str, Sequence[str]] = {
    "api": ["orders"],
    "relay": ["events"],
    "fulfil": ["workflow"],
    "project_demand": ["demand"],
    "notify_customer": ["customer"],
    "archive_events": ["archive"],
    "notify_ops": [],
    "order_tasks": ["orders"],
    "inventory_tasks": ["orders", "inventory", "ledger"],
    "payment_tasks": ["orders", "ledger"],
    "delivery_tasks": ["orders", "customer", "ledger"],
    "cleanup": ["orders"],
}
"""What its first request would have to load, and wait for."""

MAX_BYTES: Mapping[str, int] = {"api": MAX_BODY_BYTES + 1}
"""How much of a body is kept: enough to see that it is too large."""
LARGEST_CALL_BYTES = 16 * 1024 * 1024
"""Of Google's own calls a message of Pub/Sub is the largest: 10 MB, in base64."""


def __getattr__(name: str) -> View:
    if name not in MODULES:
        raise AttributeError(f"there is no handler {name}, only {', '.join(MODULES)}: correct the entry point")
    return _view(name)


@cache
def _view(name: str) -> View:
    module = import_module(f"functions.entrypoints.gcp.{MODULES[name]}")
    for adapter in ADAPTERS[name]:
        import_module(f"functions.adapters.gcp.{adapter}")
    return observed(getattr(module, name), max_bytes=MAX_BYTES.get(name, LARGEST_CALL_BYTES))
