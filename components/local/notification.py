"""A queue that the rule feeds, and the function that posts each message to the webhook."""

from __future__ import annotations

import pulumi

from components import notification
from components.foundation import Foundation
from components.group import Transform
from components.local.function import Function
from components.local.queue import Queue
from components.notification import NotificationArgs


class Notification(notification.Notification):
    CHILDREN = ("queue", "consumer", "function")

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
        queue = Queue(
            name,
            args=args.queue,
            foundation=foundation,
            transform=self._hooks("queue", "consumer"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        function = Function(
            args.function_name,
            args=args.delivering(queue),
            foundation=foundation,
            transform=self._hooks("function"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        args.bus.rule(args.rule, where=args.where, to=queue)
        self.queues, self.functions = (queue,), (function,)
        self.register_outputs({})
