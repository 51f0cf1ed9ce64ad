"""`function_app.py` of an app in a test: the package's own, with clients that call servers of this machine."""

from __future__ import annotations

from functions.adapters.azure import ports
from functions.entrypoints.azure.handlers import function_app
from tests.azure.loopback_clients import LoopbackClients

setattr(ports, "Clients", LoopbackClients)  # noqa: B010 -- to a type checker it is another type
app = function_app()
