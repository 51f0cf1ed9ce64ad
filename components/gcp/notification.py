"""A queue that the rule feeds, and the function that posts each message to the webhook."""

from __future__ import annotations

import pulumi

from components import notification
from components.foundation import Foundation
from components.gcp.function import Function
from components.gcp.queue import Queue
from components.group import Transform
from components.notification import NotificationArgs


class Notification(notification.Notification):
    CHILDREN = (*Queue.CHILDREN, *Function.CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: NotificationArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._queue = Queue(
            name,
            args=args.queue,
            foundation=foundation,
            transform=self._hooks(*Queue.CHILDREN),
            opts=pulumi.ResourceOptions(parent=self),
        )
        function = Function(
            args.function_name,
            args=args.delivering(self._queue),
            foundation=foundation,
            transform=self._hooks(*Function.CHILDREN),
            opts=pulumi.ResourceOptions(parent=self),
        )
        args.bus.rule(args.rule, where=args.where, to=self._queue)
        self.queues, self.functions = (self._queue,), (function,)
        self.register_outputs({})

    def finish(self) -> None:
        self._queue.finish()
