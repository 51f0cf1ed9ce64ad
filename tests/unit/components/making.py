"""A component on its own, with the foundation that it stands on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

from components.component import Transform
from components.foundation import Foundation, FoundationArgs
from components.function import FunctionArgs
from components.link import Link, Trigger
from components.queue import QueueArgs
from components.system import Contract
from components.targets import TargetName, implementation
from tests.graph import Graph, config, record

Args = TypeVar("Args")
Made = TypeVar("Made")

QUEUE = QueueArgs(visibility_timeout=timedelta(seconds=30), max_receive_count=5)


class Maker:
    """Makes a target's components by their contracts."""

    def __init__(self, target: TargetName) -> None:
        self._target = target
        foundation = cast("Callable[..., Foundation]", implementation(Foundation, target))
        self._foundation = foundation("alone", args=FoundationArgs(config=config(target)))

    def __call__(
        self, contract: Contract[Args, Made], name: str, args: Args, transform: Transform | None = None
    ) -> Made:
        made = implementation(contract, self._target)
        return made(name, args=args, foundation=self._foundation, transform=transform, opts=None)


def made_alone(target: TargetName, wire: Callable[[Maker], Any]) -> Graph:
    def program() -> dict[str, Any]:
        wire(Maker(target))
        return {}

    return record(program)


def function_args(*links: Link, trigger: Trigger | None = None) -> FunctionArgs:
    return FunctionArgs(handler="handle", timeout=timedelta(seconds=10), memory_mb=512, links=links, trigger=trigger)
