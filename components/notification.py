"""Tells operators of each event that matches, by a webhook, and retries until it took it; dead letters after that.

| | is | shaped by | without a webhook |
|---|---|---|---|
| aws | EventBridge rule to an API destination | input transformer | a log group |
| gcp | queue and function | the function | the function's log |
| azure | queue and Logic App | the Logic App | the run's history |
| local | queue and function | the function | the function's log |
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pulumi

from components.component import Component
from components.event_bus import EventBus, Pattern
from components.function import Function, FunctionArgs
from components.link import Variables
from components.queue import Queue, QueueArgs
from components.secret import Secret
from functions.environment import Variable


@dataclass(frozen=True, kw_only=True)
class NotificationArgs:
    """`function` and `queue` are made where the target delivers with them; the function brings no links of its own."""

    bus: EventBus
    rule: str
    where: Pattern
    webhook_url: pulumi.Input[str] | None
    webhook_secret: Secret | None
    function_name: str
    function: FunctionArgs
    queue: QueueArgs
    max_concurrency: int

    def delivering(self, queue: Queue) -> FunctionArgs:
        """The function with what it delivers by: the webhook's address as a setting, its secret as a link."""
        settings: Variables = {Variable.WEBHOOK_URL: self.webhook_url} if self.webhook_url else {}
        return replace(
            self.function,
            settings={**self.function.settings, **settings},
            links=(self.webhook_secret.reader(Variable.WEBHOOK_SECRET),) if self.webhook_secret else (),
            trigger=queue.deliveries(max_concurrency=self.max_concurrency),
        )


class Notification(Component[NotificationArgs]):
    queues: tuple[Queue, ...]
    """What it was made of here, so that it is watched as the others are."""
    functions: tuple[Function, ...]
