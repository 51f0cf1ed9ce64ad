"""A queue for what could not be delivered: 14 days, watched, consumed by nobody.

Service Bus moves there what it gives up on; a consumer puts there at once, with the reason, what can never succeed.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_azure_native as azure

from components.azure._alarms import Alarm, Metric
from components.azure._identity import ManagedIdentity
from components.azure._messaging import METRICS, duration
from components.azure._roles import Role
from components.azure._subscription import Subscription
from components.group import Child

CHILDREN = ("dead-letters", "dead-letters-sender")
"""What a component that has dead letters adds to its own."""
HELD = timedelta(days=14)


class DeadLetters:
    def __init__(self, name: str, *, subscription: Subscription, child: Child, contract: str) -> None:
        """`name` is that of the component whose dead letters they are, `contract` what it is an instance of."""
        self._name, self._subscription, self._child = f"{name}-dead-letters", subscription, child
        self.queue = azure.servicebus.Queue(
            self._name,
            resource_group_name=subscription.group_name,
            namespace_name=subscription.namespace.made.name,
            queue_name=self._name,
            default_message_time_to_live=duration(HELD),
            dead_lettering_on_message_expiration=False,
            opts=child("dead-letters", pulumi.ResourceOptions(protect=subscription.is_protected)),
        )
        self.address = pulumi.Output.concat("https://", subscription.namespace.host, "/", self.queue.name)
        """What an app posts to."""
        subscription.watch(_alarm(name, self.queue, subscription, contract))

    def accept_from(self, identity: ManagedIdentity) -> pulumi.Resource:
        """Let an app put there, at once, what can never succeed."""
        return identity.allow(
            f"{self._name}-{identity.name}",
            role=Role.SERVICE_BUS_SENDER,
            on=self.queue.id,
            opts=self._child("dead-letters-sender"),
        )


def _alarm(name: str, queue: azure.servicebus.Queue, subscription: Subscription, contract: str) -> Alarm:
    return Alarm(
        about="dead-letters",
        contract=contract,
        of=name,
        says=f"Something meant for {name} was given up on and waits among its dead letters.",
        measured=Metric(
            name="ActiveMessages",
            namespace=METRICS,
            of=subscription.namespace.made.id,
            aggregation="Maximum",
            dimensions={"EntityName": queue.name},
        ),
        threshold=0,
    )
