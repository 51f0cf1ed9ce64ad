"""EventBridge: a bus with an archive, and rules that pass on an event's detail, which is our event's JSON.

A queue lets the rule in by its policy. A topic is published to in a role of the rule's own: for topics EventBridge does
not say for whom it acts, so a topic's policy could not tell our rule from anybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pulumi
import pulumi_aws as aws

from components import event_bus
from components.aws import _dead_letters
from components.aws._account import Account
from components.aws._dead_letters import DeadLetters
from components.aws._inlet import Inlet
from components.aws._policy import Conditions
from components.aws._role import Role
from components.aws._rules import SERVICE, SOURCE, Bus, retry_policy
from components.behind import behind
from components.event_bus import EventBusArgs, Pattern
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.queue import Queue
from components.topic import Topic
from functions.environment import Variable

PUT = ("events:PutEvents",)
IN_OUR_NAME: Conditions = {
    "ForAllValues:StringEquals": {"events:source": [SOURCE]},
    "Null": {"events:source": "false"},
}
"""A call puts several events, each with a source; `ForAllValues` alone is also true where there is none."""
DETAIL = "$.detail"


class EventBus(event_bus.EventBus):
    CHILDREN = ("bus", "archive", "rule", "target", "role", "role-policy", *_dead_letters.CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: EventBusArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._account = behind(foundation, Account)
        self._dead_letters = DeadLetters(name, account=self._account, child=self._child, contract="event_bus")
        bus = self._make_bus()
        self._bus_arn = bus.arn
        self._bus = Bus(name=bus.name, physical_name=self._account.name("event_bus", name), account=self._account)
        self._behind = self._bus
        self._targets: list[Callable[[], None]] = []
        self._archive(foundation.profile.log_retention_days)
        self.variables = {Variable.EVENT_BUS: bus.name}
        self.register_outputs({})

    def grant_publish(self, identity: Identity) -> Grant:
        carried_by = behind(identity, Role).allow(*PUT, on=(self._bus_arn,), where=IN_OUR_NAME)
        return Grant(verb=Verb.PUBLISH, resource=f"bus/{self.name}", carried_by=carried_by)

    def finish(self) -> None:
        """Every queue knows by now whom it lets in, so its policy can be made, and then what delivers to it."""
        for make_target in self._targets:
            make_target()
        self._dead_letters.policy()

    def _make_bus(self) -> aws.cloudwatch.EventBus:
        return aws.cloudwatch.EventBus(
            self.name, name=self._account.name("event_bus", self.name), opts=self._child("bus")
        )

    def _archive(self, days: int) -> None:
        """To replay from: everything that came to the bus, for as long as logs are kept."""
        aws.cloudwatch.EventArchive(
            self.name,
            name=self._account.name("event_archive", self.name),
            event_source_arn=self._bus_arn,
            retention_days=days,
            opts=self._child("archive"),
        )

    def _rule(self, name: str, *, where: Pattern, to: Queue | Topic) -> None:
        rule = self._bus.rule(name, where=where, opts=self._child("rule"))
        self._dead_letters.accept_from(SERVICE, rule.arn)
        self._account.watch(self._bus.alarm(name, contract="event_bus", of=f"{self.name}-{name}"))
        if isinstance(to, Queue):
            inlet = behind(to, Inlet)
            inlet.accept_from(SERVICE, rule.arn)
            self._targets.append(lambda: self._target(name, rule, arn=inlet.arn, let_in_by=(inlet.policy(),)))
        else:
            arn, role = behind(to, aws.sns.Topic).arn, self._publisher(name, rule, to)
            self._targets.append(lambda: self._target(name, rule, arn=arn, role=role, let_in_by=role.policies))

    def _publisher(self, name: str, rule: aws.cloudwatch.EventRule, to: Topic) -> Role:
        role = self._bus.role(f"{self.name}-{name}", rule, self._child("role"))
        to.grant_publish(role)
        role.seal(self._child("role-policy"))
        return role

    def _target(
        self,
        name: str,
        rule: aws.cloudwatch.EventRule,
        *,
        arn: pulumi.Output[str],
        let_in_by: Sequence[pulumi.Resource],
        role: Role | None = None,
    ) -> None:
        """`let_in_by` has the policies without which what it delivers to refuses it."""
        aws.cloudwatch.EventTarget(
            name,
            event_bus_name=self._bus.name,
            rule=rule.name,
            target_id=name,
            arn=arn,
            role_arn=role.arn if role else None,
            input_path=DETAIL,
            retry_policy=retry_policy(),
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=self._dead_letters.arn),
            opts=self._child("target", pulumi.ResourceOptions(depends_on=[*let_in_by, self._dead_letters.policy()])),
        )
