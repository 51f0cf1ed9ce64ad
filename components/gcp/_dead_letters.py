"""A topic for what could not be delivered, and a subscription that holds it: 14 days, watched, consumed by nobody."""

from __future__ import annotations

import pulumi

from components.gcp._account import ServiceAccount
from components.gcp._alarms import Alarm, Metric
from components.gcp._project import Project
from components.gcp._pubsub import holding_subscription, make_topic, may_publish
from components.group import Child

CHILDREN = ("dead-letters", "dead-letters-held", "dead-letters-publisher")
"""What a component that has dead letters adds to its own."""
UNDELIVERED = "pubsub.googleapis.com/subscription/num_undelivered_messages"


class DeadLetters:
    def __init__(self, name: str, *, project: Project, child: Child, contract: str) -> None:
        """`name` is that of the component whose dead letters they are, `contract` what it is an instance of."""
        self._name, self._project, self._child = f"{name}-dead-letters", project, child
        self.path = project.path("topics", project.name("topic", self._name))
        """What a function publishes to."""
        self.topic = make_topic(self._name, project=project, opts=child("dead-letters"))
        holding_subscription(self._name, topic=self.topic, project=project, opts=child("dead-letters-held"))
        project.watch(_alarm(name, project.name("subscription", self._name), contract))

    def accept_from(self, account: ServiceAccount) -> pulumi.Resource:
        """Let a function put there, at once, what can never succeed."""
        return self._let_in(f"{self._name}-{account.name}", account.member)

    def accept_from_pubsub(self) -> pulumi.Resource:
        """Without it Pub/Sub delivers again for ever, and says nothing."""
        return self._let_in(self._name, self._project.agent("pubsub"))

    def _let_in(self, name: str, member: pulumi.Input[str]) -> pulumi.Resource:
        return may_publish(
            name,
            topic=self.topic,
            member=member,
            project=self._project,
            opts=self._child("dead-letters-publisher"),
        )


def _alarm(name: str, subscription: str, contract: str) -> Alarm:
    return Alarm(
        about="dead-letters",
        contract=contract,
        of=name,
        says=f"Something meant for {name} was given up on and waits among its dead letters.",
        metric=Metric(
            type=UNDELIVERED,
            resource="pubsub_subscription",
            labels={"subscription_id": subscription},
            aligner="ALIGN_MAX",
            reducer="REDUCE_MAX",
        ),
        threshold=0,
    )
