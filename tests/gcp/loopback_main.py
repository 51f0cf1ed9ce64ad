"""`main.py` of a function that runs in a test: the archive's own, with clients that call servers of this machine.

Names outside of Google that the test knows lead to this machine too.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from functools import partial
from typing import Any

from functions.adapters.gcp import ports
from functions.entrypoints.gcp.handlers import __getattr__ as __getattr__
from tests.gcp.loopback import LoopbackClients

loopback = partial(
    LoopbackClients,
    publisher_address=os.environ["LOOPBACK_PUBSUB"],
    executions_address=os.environ["LOOPBACK_EXECUTIONS"],
    storage_url=os.environ["LOOPBACK_STORAGE"],
)
setattr(ports, "Clients", loopback)  # noqa: B010 -- to a type checker it is another type

NAMES: Mapping[str, int] = json.loads(os.environ["LOOPBACK_NAMES"])
look_up = socket.getaddrinfo


def found_here(host: Any, port: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 as the standard library has it
    there = ("127.0.0.1", NAMES[host]) if host in NAMES else (host, port)
    return look_up(*there, *rest, **named)


socket.getaddrinfo = found_here
