"""A component on its own, with the foundation that it stands on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from components.assembly import Assembly, Contract
from components.component import Component
from components.function import FunctionArgs, Trigger
from components.link import Link
from components.queue import QueueArgs
from components.targets import TargetName
from tests.graph import Graph, config, record

Args = TypeVar("Args")
Made = TypeVar("Made", bound=Component[Any])


class Make(Protocol):
    def __call__(self, contract: Contract[Args, Made], name: str, args: Args) -> Made: ...


QUEUE = QueueArgs(visibility_timeout=timedelta(seconds=30), max_receive_count=5)


def made_alone(target: TargetName, wire: Callable[[Make], None], **settings: object) -> Graph:
    def program() -> dict[str, Any]:
        assembly = Assembly("alone", config=config(target, **settings), transforms={}, parent=None)
        wire(assembly.make)
        assembly.finish()
        return {}

    return record(program)


def function_args(*links: Link, trigger: Trigger | None = None) -> FunctionArgs:
    return FunctionArgs(handler="handle", timeout=timedelta(seconds=10), memory_mb=512, links=links, trigger=trigger)
