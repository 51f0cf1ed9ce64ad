"""What is watched of a queue besides its dead letters: it is behind."""

from __future__ import annotations

from datetime import timedelta

import pulumi_azure_native as azure

from components.azure._alarms import Alarm, Metric
from components.azure._messaging import METRICS
from components.azure._subscription import Subscription

BEHIND = timedelta(minutes=15)
"""A healthy queue is empty within seconds; a quarter of an hour is no longer a burst."""


def backlog_alarm(name: str, queue: azure.servicebus.Queue, *, at_once: int, subscription: Subscription) -> Alarm:
    """Service Bus does not say how old a message is. Those that are worked on count as waiting: they are no backlog."""
    return Alarm(
        about="queue-age-seconds",
        contract="queue",
        of=name,
        says=f"For {BEHIND} there were always more messages in the queue {name} than are worked on at once: its "
        "consumer fails or cannot keep up.",
        measured=Metric(
            name="ActiveMessages",
            namespace=METRICS,
            of=subscription.namespace.made.id,
            aggregation="Minimum",
            dimensions={"EntityName": queue.name},
        ),
        threshold=at_once,
        window=BEHIND,
    )
