"""A function's services and ports on Google Cloud, made when its first request arrives and kept for those after it.

Never earlier: gunicorn forks after the function was loaded, and gRPC's channels do not outlive a fork.
"""

from __future__ import annotations

from functools import cache

from functions.adapters.gcp.ports import GcpPorts
from functions.bootstrap import App
from functions.environment import Environment


@cache
def application() -> App:
    return App(ports().environment, ports())


@cache
def ports() -> GcpPorts:
    return GcpPorts(Environment.from_process())
