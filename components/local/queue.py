"""Rows of the run time's store."""

from __future__ import annotations

import pulumi

from components import queue
from components.foundation import Foundation
from components.function import Function
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.local import _resources as local
from components.local._home import home_of
from components.queue import QueueArgs
from functions.environment import Variable


class Queue(queue.Queue):
    CHILDREN = ("queue", "consumer")

    def __init__(
        self,
        name: str,
        *,
        args: QueueArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._home = home_of(foundation)
        self._home.declare(
            local.Queue(
                name,
                home=self._home.folder,
                visibility_timeout_seconds=args.visibility_timeout.total_seconds(),
                max_receive_count=args.max_receive_count,
                opts=self._child("queue"),
            )
        )
        self.variables = {Variable.QUEUE: name}
        self.register_outputs({})

    def grant_send(self, identity: Identity) -> Grant:
        return Grant(verb=Verb.SEND, resource=f"queue/{self.name}")

    def grant_consume(self, identity: Identity) -> Grant:
        return Grant(verb=Verb.CONSUME, resource=f"queue/{self.name}")

    def _attach(self, function: Function, *, max_concurrency: int) -> None:
        self._home.declare(
            local.Consumer(
                self.name,
                home=self._home.folder,
                queue=self.name,
                function=function.name,
                max_concurrency=max_concurrency,
                opts=self._child("consumer"),
            )
        )
