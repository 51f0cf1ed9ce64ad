"""A function's services and ports on Azure, made when its first call arrives and kept for those after it."""

from __future__ import annotations

from functools import cache

from functions.adapters.azure.ports import AzurePorts
from functions.bootstrap import App
from functions.environment import Environment


@cache
def application() -> App:
    return App(ports().environment, ports())


@cache
def ports() -> AzurePorts:
    return AzurePorts(Environment.from_process())
