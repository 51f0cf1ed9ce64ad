"""An EventBridge rule that posts to the webhook as an API destination, or writes to a log group where there is none.

EventBridge cannot sign. What it posts carries the shared secret itself, over TLS, in `X-Orderly-Secret`; the receiver
compares that with its own, and takes each `event_id` once: a header cannot be made of the event.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import notification
from components.aws import _dead_letters
from components.aws._account import Account
from components.aws._dead_letters import DeadLetters
from components.aws._ops_message import ops_message
from components.aws._policy import Statement, document
from components.aws._role import Role
from components.aws._rules import SERVICE, Bus, retry_policy
from components.aws._secrets import Value
from components.behind import behind
from components.errors import WiringError
from components.foundation import Foundation
from components.group import Transform
from components.notification import NotificationArgs
from components.secret import Secret

SECRET_HEADER = "X-Orderly-Secret"  # noqa: S105 a header's name
POST = ("events:InvokeApiDestination",)
PER_SECOND = 10
"""What a chat's or a pager's webhook can be expected to take; the rest waits its turn, for up to a day."""
LOG_WRITERS = (SERVICE, "delivery.logs.amazonaws.com")


class Notification(notification.Notification):
    CHILDREN = (
        "rule",
        "target",
        "connection",
        "api-destination",
        "role",
        "role-policy",
        "log-group",
        "log-policy",
        *_dead_letters.CHILDREN,
    )

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
        self._account, self._log_days = behind(foundation, Account), foundation.profile.log_retention_days
        self._bus, self._rule_name = behind(args.bus, Bus), args.rule
        self._dead_letters = DeadLetters(name, account=self._account, child=self._child, contract="notification")
        self._rule = self._bus.rule(args.rule, where=args.where, opts=self._child("rule"))
        self._dead_letters.accept_from(SERVICE, self._rule.arn)
        self._account.watch(self._bus.alarm(args.rule, contract="notification", of=name))
        if args.webhook_url is None:
            self._write_to_log()
        else:
            self._post(args.webhook_url, args.webhook_secret)
        self.queues, self.functions = (), ()
        self.register_outputs({})

    def _post(self, url: pulumi.Input[str], secret: Secret | None) -> None:
        if secret is None:
            raise WiringError(f"notification {self.name}: EventBridge posts nothing without a secret; give it one")
        destination = self._destination(url, secret)
        role = self._bus.role(self.name, self._rule, self._child("role"))
        role.allow(*POST, on=(destination.arn,))
        role.seal(self._child("role-policy"))
        self._target(
            destination.arn,
            role=role,
            input_transformer=ops_message(),
        )

    def _destination(self, url: pulumi.Input[str], secret: Secret) -> aws.cloudwatch.EventApiDestination:
        connection = aws.cloudwatch.EventConnection(
            self.name,
            name=self._account.name("connection", self.name),
            authorization_type="API_KEY",
            auth_parameters=aws.cloudwatch.EventConnectionAuthParametersArgs(
                api_key=aws.cloudwatch.EventConnectionAuthParametersApiKeyArgs(
                    key=SECRET_HEADER, value=behind(secret, Value).text
                )
            ),
            opts=self._child("connection"),
        )
        return aws.cloudwatch.EventApiDestination(
            self.name,
            name=self._account.name("api_destination", self.name),
            connection_arn=connection.arn,
            http_method="POST",
            invocation_endpoint=url,
            invocation_rate_limit_per_second=PER_SECOND,
            opts=self._child("api-destination"),
        )

    def _write_to_log(self) -> None:
        """EventBridge's console finds log groups by `/aws/events/`."""
        log_group = aws.cloudwatch.LogGroup(
            self.name,
            name=f"/aws/events/{self._account.name('rule', self._rule_name)}",
            retention_in_days=self._log_days,
            opts=self._child("log-group"),
        )
        policy = aws.cloudwatch.LogResourcePolicy(
            self.name,
            policy_name=self._account.name("policy", self.name),
            policy_document=self._log_policy(pulumi.Output.concat(log_group.arn, ":*")),
            opts=self._child("log-policy"),
        )
        self._target(log_group.arn, after=(policy,))

    def _log_policy(self, streams: pulumi.Output[str]) -> pulumi.Output[str]:
        """A stream is made in no rule's name, so only writing to it can be for this rule alone."""
        writers: dict[str, list[str]] = {"Service": list(LOG_WRITERS)}
        of_the_rule = {"ArnEquals": {"aws:SourceArn": self._rule.arn}}
        return document(
            Statement(actions=("logs:CreateLogStream",), on=(streams,), principal=writers),
            Statement(actions=("logs:PutLogEvents",), on=(streams,), principal=writers, where=of_the_rule),
        )

    def _target(
        self,
        arn: pulumi.Output[str],
        *,
        role: Role | None = None,
        input_transformer: aws.cloudwatch.EventTargetInputTransformerArgs | None = None,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        aws.cloudwatch.EventTarget(
            self._rule_name,
            event_bus_name=self._bus.name,
            rule=self._rule.name,
            target_id=self._rule_name,
            arn=arn,
            role_arn=role.arn if role else None,
            input_transformer=input_transformer,
            retry_policy=retry_policy(),
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=self._dead_letters.arn),
            opts=self._child(
                "target",
                pulumi.ResourceOptions(
                    depends_on=[*(role.policies if role else ()), *after, self._dead_letters.policy()]
                ),
            ),
        )
