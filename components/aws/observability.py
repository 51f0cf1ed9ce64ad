"""A CloudWatch alarm for whatever a component asked to have watched, told to one topic; and a dashboard of it all."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components import observability
from components.aws._account import Account
from components.aws._dashboard import dashboard_body
from components.aws._metric_alarm import metric_alarm
from components.aws._policy import Statement, document, from_account, tls_only
from components.behind import behind
from components.foundation import Foundation
from components.group import Transform
from components.observability import ObservabilityArgs


class Observability(observability.Observability):
    CHILDREN = ("topic", "topic-policy", "subscription", "alarm", "dashboard")

    def __init__(
        self,
        name: str,
        *,
        args: ObservabilityArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._account = behind(foundation, Account)
        self._topic = self._make_topic()
        self._let_alarms_publish()
        self._tell_operators()
        self.register_outputs({})

    def finish(self) -> None:
        """It is the last that is made, so whatever has to be watched was said by now."""
        watched = [
            metric_alarm(alarm, account=self._account, topic=self._topic.arn, opts=self._child("alarm"))
            for alarm in self._account.alarms
        ]
        aws.cloudwatch.Dashboard(
            self.name,
            dashboard_name=self._account.name("dashboard", self.name),
            dashboard_body=dashboard_body(
                [(alarm, made.arn) for alarm, made in zip(self._account.alarms, watched, strict=True)],
                region=self._account.region,
            ),
            opts=self._child("dashboard"),
        )

    def _make_topic(self) -> aws.sns.Topic:
        """By a key of our own: an alarm cannot publish to a topic that is encrypted with SNS's."""
        return aws.sns.Topic(
            self.name,
            name=self._account.name("topic", self.name),
            kms_master_key_id=self._account.key.arn,
            signature_version=2,
            opts=self._child("topic"),
        )

    def _let_alarms_publish(self) -> None:
        publish = Statement(
            actions=("sns:Publish",),
            on=(self._topic.arn,),
            principal={"Service": "cloudwatch.amazonaws.com"},
            where={
                **from_account(self._account.id),
                "ArnLike": {"aws:SourceArn": self._account.arn("cloudwatch", "alarm:*")},
            },
        )
        aws.sns.TopicPolicy(
            self.name,
            arn=self._topic.arn,
            policy=document(tls_only("sns:Publish", on=(self._topic.arn,)), publish),
            opts=self._child("topic-policy"),
        )

    def _tell_operators(self) -> None:
        """Whoever is named has to agree by mail. Other ways to be told are subscriptions that a program adds."""
        address = self._account.config.alarm_email
        if address:
            aws.sns.TopicSubscription(
                self.name, topic=self._topic.arn, protocol="email", endpoint=address, opts=self._child("subscription")
            )
