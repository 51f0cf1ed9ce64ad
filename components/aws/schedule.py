"""EventBridge Scheduler: a schedule in a group of its own, which calls the function's alias in a role of its own.

Scheduler hands the call to Lambda and is done, so both give up apart: Scheduler on a call that Lambda does not take,
Lambda on one that the function fails. Both put it among the same dead letters.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_aws as aws

from components import schedule
from components.aws import _dead_letters
from components.aws._account import Account
from components.aws._alarms import Alarm, Metric
from components.aws._cron import scheduler_cron
from components.aws._dead_letters import SEND, DeadLetters
from components.aws._lambda import Deployed
from components.aws._policy import from_account, service_trust
from components.aws._role import Role
from components.behind import behind
from components.foundation import Foundation
from components.function import Function
from components.group import Transform
from components.schedule import ScheduleArgs

TRIED_FOR = timedelta(hours=1)
HANDED_OVER_TIMES = 10
CALLED_AGAIN_TIMES = 2
"""Lambda's most."""


class Schedule(schedule.Schedule):
    CHILDREN = ("schedule", "schedule-group", "role", "role-policy", "event-invoke-config", *_dead_letters.CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: ScheduleArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._account = behind(foundation, Account)
        self._dead_letters = DeadLetters(name, account=self._account, child=self._child, contract="schedule")
        group = self._group()
        self._schedule(args, group, self._role(args.function, group))
        self._keep_failed_calls(args.function)
        self._account.watch(_alarm(name, self._account.name("schedule_group", name)))
        self.register_outputs({})

    def finish(self) -> None:
        self._dead_letters.policy()

    def _group(self) -> aws.scheduler.ScheduleGroup:
        return aws.scheduler.ScheduleGroup(
            self.name, name=self._account.name("schedule_group", self.name), opts=self._child("schedule-group")
        )

    def _role(self, function: Function, group: aws.scheduler.ScheduleGroup) -> Role:
        """Scheduler takes a role in the name of the group, never of the schedule."""
        where = {**from_account(self._account.id), "ArnEquals": {"aws:SourceArn": group.arn}}
        role = Role(
            f"{self.name}-schedule",
            account=self._account,
            trust=service_trust("scheduler.amazonaws.com", where=where),
            opts=self._child("role"),
        )
        function.grant_invoke(role)
        role.allow(*SEND, on=(self._dead_letters.arn,))
        role.seal(self._child("role-policy"))
        return role

    def _schedule(self, args: ScheduleArgs, group: aws.scheduler.ScheduleGroup, role: Role) -> None:
        aws.scheduler.Schedule(
            self.name,
            name=self._account.name("schedule", self.name),
            group_name=group.name,
            schedule_expression=scheduler_cron(args.cron),
            schedule_expression_timezone=args.timezone,
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=aws.scheduler.ScheduleTargetArgs(
                arn=behind(args.function, Deployed).alias.arn,
                role_arn=role.arn,
                dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=self._dead_letters.arn),
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=_seconds(TRIED_FOR), maximum_retry_attempts=HANDED_OVER_TIMES
                ),
            ),
            # Scheduler asks at once whether it may take the role.
            opts=self._child("schedule", pulumi.ResourceOptions(depends_on=[*role.policies])),
        )

    def _keep_failed_calls(self, function: Function) -> None:
        called = behind(function, Deployed)
        carried_by = called.role.allow(*SEND, on=(self._dead_letters.arn,))
        aws.lambda_.FunctionEventInvokeConfig(
            self.name,
            function_name=called.alias.function_name,
            qualifier=called.alias.name,
            maximum_event_age_in_seconds=_seconds(TRIED_FOR),
            maximum_retry_attempts=CALLED_AGAIN_TIMES,
            destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
                on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                    destination=self._dead_letters.arn
                )
            ),
            # Lambda asks at once whether the function's role may send there.
            opts=self._child("event-invoke-config", pulumi.ResourceOptions(depends_on=[*carried_by])),
        )


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def _alarm(name: str, group: str) -> Alarm:
    return Alarm(
        about="failed-schedules",
        contract="schedule",
        of=name,
        says=f"The schedule {name} could not hand its call to Lambda.",
        metric=Metric(namespace="AWS/Scheduler", name="TargetErrorCount", dimensions={"ScheduleGroup": group}),
        threshold=0,
    )
