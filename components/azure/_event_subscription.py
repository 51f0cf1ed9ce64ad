"""Rules of an event bus: subscriptions of its topic that deliver to Service Bus, and dead letters in a container."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeAlias

import pulumi
import pulumi_azure_native as azure

from components.azure._identity import allow
from components.azure._roles import Role
from components.azure._storage import after, delete_after, make_account, make_container
from components.azure._subscription import Subscription
from components.event_bus import Pattern
from components.group import Child

CHILDREN = (
    "event-subscription",
    "delivery-role",
    "dead-letter-account",
    "dead-letter-container",
    "dead-letter-rule",
    "dead-letter-role",
)
PATIENCE = timedelta(days=1)
ATTEMPTS = 30
"""Event Grid's most, both of them."""
HELD = timedelta(days=14)
BY_ITSELF = azure.eventgrid.EventSubscriptionIdentityArgs(
    type=azure.eventgrid.EventSubscriptionIdentityType.SYSTEM_ASSIGNED
)
TOTAL = "data.total_minor"
PROPERTIES = {"event_type": "type"}
"""By application property, which filters of Service Bus look at, the attribute of the event that it is."""

Destination: TypeAlias = azure.servicebus.Queue | azure.servicebus.Topic


class Bus:
    """The topic of a bus, with all that its rules have in common."""

    def __init__(self, name: str, *, topic: azure.eventgrid.Topic, subscription: Subscription, child: Child) -> None:
        self._name, self._topic, self._subscription, self._child = name, topic, subscription, child
        self._identity = topic.identity.apply(lambda identity: str(identity and identity.principal_id))
        self._account = make_account(f"{name}-bus", subscription=subscription, opts=self._kept("dead-letter-account"))
        self._container = make_container(
            f"{name}-dead-letters",
            called="dead-letters",
            account=self._account,
            subscription=subscription,
            opts=child("dead-letter-container"),
        )
        delete_after(
            f"{name}-dead-letters",
            account=self._account,
            subscription=subscription,
            rule=azure.storage.ManagementPolicyActionArgs(
                base_blob=azure.storage.ManagementPolicyBaseBlobArgs(delete=after(HELD))
            ),
            opts=child("dead-letter-rule"),
        )
        self._may_give_up = self._allow(
            f"{name}-dead-letters",
            role=Role.BLOB_DATA_CONTRIBUTOR,
            on=self._container.id,
            opts=child("dead-letter-role"),
        )

    def deliver(self, rule: str, *, where: Pattern, to: Destination) -> azure.eventgrid.EventSubscription:
        """Event Grid tries at once whether it may, so it is let in before."""
        may_send = self._allow(rule, role=Role.SERVICE_BUS_SENDER, on=to.id, opts=self._child("delivery-role"))
        return azure.eventgrid.EventSubscription(
            rule,
            scope=self._topic.id,
            event_subscription_name=f"{self._name}-{rule}",
            # By default the SDK asks for Event Grid's own schema, which a topic of CloudEvents does not speak.
            event_delivery_schema=azure.eventgrid.EventDeliverySchema.CLOUD_EVENT_SCHEMA_V1_0,
            delivery_with_resource_identity=azure.eventgrid.DeliveryWithResourceIdentityArgs(
                identity=BY_ITSELF, destination=_destination(to)
            ),
            dead_letter_with_resource_identity=azure.eventgrid.DeadLetterWithResourceIdentityArgs(
                identity=BY_ITSELF,
                dead_letter_destination=azure.eventgrid.StorageBlobDeadLetterDestinationArgs(
                    endpoint_type="StorageBlob",
                    resource_id=self._account.id,
                    blob_container_name=self._container.name,
                ),
            ),
            filter=_filter(where),
            retry_policy=azure.eventgrid.RetryPolicyArgs(
                event_time_to_live_in_minutes=int(PATIENCE / timedelta(minutes=1)), max_delivery_attempts=ATTEMPTS
            ),
            opts=self._child("event-subscription", pulumi.ResourceOptions(depends_on=[may_send, self._may_give_up])),
        )

    def _allow(self, name: str, *, role: Role, on: pulumi.Input[str], opts: pulumi.ResourceOptions) -> pulumi.Resource:
        return allow(
            self._identity,
            f"{self._name}-{name}-delivery",
            role=role,
            on=on,
            subscription=self._subscription,
            opts=opts,
        )

    def _kept(self, child: str) -> pulumi.ResourceOptions:
        return self._child(child, pulumi.ResourceOptions(protect=self._subscription.is_protected))


def _destination(
    to: Destination,
) -> (
    azure.eventgrid.ServiceBusQueueEventSubscriptionDestinationArgs
    | azure.eventgrid.ServiceBusTopicEventSubscriptionDestinationArgs
):
    if isinstance(to, azure.servicebus.Queue):
        return azure.eventgrid.ServiceBusQueueEventSubscriptionDestinationArgs(
            endpoint_type="ServiceBusQueue", resource_id=to.id, delivery_attribute_mappings=_properties()
        )
    return azure.eventgrid.ServiceBusTopicEventSubscriptionDestinationArgs(
        endpoint_type="ServiceBusTopic", resource_id=to.id, delivery_attribute_mappings=_properties()
    )


def _properties() -> Sequence[azure.eventgrid.DynamicDeliveryAttributeMappingArgs]:
    return [
        azure.eventgrid.DynamicDeliveryAttributeMappingArgs(name=name, type="Dynamic", source_field=attribute)
        for name, attribute in PROPERTIES.items()
    ]


def _filter(where: Pattern) -> azure.eventgrid.EventSubscriptionFilterArgs:
    above = where.total_minor_above
    return azure.eventgrid.EventSubscriptionFilterArgs(
        included_event_types=list(where.event_types) or None,
        advanced_filters=None
        if above is None
        else [
            azure.eventgrid.NumberGreaterThanAdvancedFilterArgs(
                operator_type="NumberGreaterThan", key=TOTAL, value=float(above)
            )
        ],
    )
