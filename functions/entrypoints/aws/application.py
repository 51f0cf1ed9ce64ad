"""A function's services and ports on AWS, made when its first event arrives and kept for those after it."""

from __future__ import annotations

from functools import cache

from functions.adapters.aws.ports import AwsPorts
from functions.bootstrap import App
from functions.environment import Environment


@cache
def application() -> App:
    return App(ports().environment, ports())


@cache
def ports() -> AwsPorts:
    return AwsPorts(Environment.from_process())
