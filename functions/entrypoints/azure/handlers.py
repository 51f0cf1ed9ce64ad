"""Every handler by name, which an app's setting ORDERLY_HANDLER says.

The worker asks for the app once, when an instance starts, and waits 30 s at most: the one handler's module and adapters
are loaded then, and no others. Clients come with the first call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from azure.functions import AuthLevel, FunctionApp, FunctionRegister

from functions.entrypoints.azure.observed import configure_from_process
from functions.entrypoints.azure.triggers import on_feed, on_http, on_queue, on_timer
from functions.environment import Environment, Variable

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
    "workflow": "workflow",
}
"""Which module has the handler."""
ADAPTERS: Mapping[str, Sequence[str]] = {
    "api": ["orders"],
    "relay": ["events"],
    "fulfil": ["workflow"],
    "project_demand": ["demand"],
    "notify_customer": ["customer"],
    "archive_events": ["archive"],
    "order_tasks": ["orders"],
    "inventory_tasks": ["orders", "inventory", "ledger"],
    "payment_tasks": ["orders", "ledger"],
    "delivery_tasks": ["orders", "customer", "ledger"],
    "cleanup": ["orders"],
    "workflow": [],
}
"""What its first call would have to load, and wait for."""


TRIGGERS: Mapping[str, Callable[[FunctionApp, str, Any], None]] = {
    "http": partial(on_http, route="{*path}"),
    "relay": on_feed,
    "messages": on_queue,
    "tasks": partial(on_http, route="task"),
    "cleanup": on_timer,
}
"""What calls the handlers of a module; the workflow's says so itself."""


class UnknownHandlerError(Exception):
    """The app's setting names a handler that is not there."""


def function_app() -> FunctionRegister:
    """What the host is to call of this app, as its settings say."""
    configure_from_process()
    return app_of(Environment.from_process()[Variable.HANDLER])


def app_of(name: str) -> FunctionRegister:
    """The app with what calls the handler, and nothing else."""
    if name not in MODULES:
        raise UnknownHandlerError(f"there is no handler {name}, only {', '.join(MODULES)}: correct {Variable.HANDLER}")
    module = import_module(f"functions.entrypoints.azure.{MODULES[name]}")
    for adapter in ADAPTERS[name]:
        import_module(f"functions.adapters.azure.{adapter}")
    if name == "workflow":
        durable: FunctionRegister = module.workflow()
        return durable
    app = FunctionApp(http_auth_level=AuthLevel.ANONYMOUS)
    TRIGGERS[MODULES[name]](app, name, getattr(module, name))
    return app
