"""A state machine of Step Functions that calls the tasks' functions by their aliases.

A standard run has its history in Step Functions for 90 days, so only errors are logged; an express run has its history
in the log and nowhere else. Neither log has a run's data. Another durability is another state machine, and the old one
takes its runs with it, paid or not: where data is protected, so is the state machine.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components import workflow
from components.aws._account import Account
from components.aws._lambda import Deployed
from components.aws._policy import Statement, from_account, service_trust
from components.aws._role import Role
from components.aws._table import Table, partitions
from components.aws._workflow_alarms import workflow_alarms
from components.behind import behind
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.link import Variables
from components.saga.asl import compile_asl
from components.workflow import Durability, WorkflowArgs
from functions.environment import Variable

TYPES: Mapping[Durability, str] = {"standard": "STANDARD", "express": "EXPRESS"}
LOGGED: Mapping[Durability, str] = {"standard": "ERROR", "express": "ALL"}
START = ("states:StartExecution",)
GUARD = ("dynamodb:PutItem", "dynamodb:UpdateItem")
RUNS = "RUN#*"
"""The partition keys under which it is kept who was started."""
DELIVER_LOGS = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
TRACE = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


class Workflow(workflow.Workflow):
    CHILDREN = ("role", "policy", "log-group", "state-machine")

    def __init__(
        self,
        name: str,
        *,
        args: WorkflowArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._account, self._durability, self._guard = behind(foundation, Account), args.durability, args.guard
        self._is_protected = foundation.profile.deletion_protection
        log_group = self._log_group(foundation.profile.log_retention_days)
        role = self._role(args)
        self._state_machine = self._make_state_machine(args, role, log_group)
        self.variables = self._make_variables()
        self._account.watch(*workflow_alarms(name, self._state_machine.arn, args))
        self.register_outputs({})

    def grant_start(self, identity: Identity) -> Grant:
        """Where Step Functions knows no duplicates, also to remember in the guard who was started, and that alone."""
        role = behind(identity, Role)
        carried_by = role.allow(*START, on=(self._state_machine.arn,))
        if self._durability == "express":
            carried_by += role.allow(*GUARD, on=(behind(self._guard, Table).arn,), where=partitions(RUNS))
        return Grant(verb=Verb.START, resource=f"workflow/{self.name}", carried_by=carried_by)

    @property
    def _physical_name(self) -> str:
        """By durability: a state machine's cannot change, and its name is taken until the last run of it has ended."""
        is_standard = self._durability == "standard"
        return self._account.name("workflow", self.name if is_standard else f"{self.name}-{self._durability}")

    def _make_variables(self) -> Variables:
        told: Variables = {Variable.WORKFLOW: self._state_machine.arn, Variable.WORKFLOW_KIND: self._durability}
        guard: Variables = {Variable.DATABASE: self._guard.variables[Variable.DATABASE]}
        return {**told, **guard} if self._durability == "express" else told

    def _log_group(self, retention_days: int) -> aws.cloudwatch.LogGroup:
        """Under this prefix AWS keeps the log groups' one policy from growing beyond its 5120 characters."""
        return aws.cloudwatch.LogGroup(
            self.name,
            name=f"/aws/vendedlogs/states/{self._physical_name}",
            retention_in_days=retention_days,
            opts=self._child("log-group"),
        )

    def _role(self, args: WorkflowArgs) -> Role:
        role = Role(f"{self.name}-workflow", account=self._account, trust=self._trust(), opts=self._child("role"))
        for function in dict.fromkeys(args.tasks.values()):
            function.grant_invoke(role)
        role.allow_unscoped(*DELIVER_LOGS)
        role.allow_unscoped(*TRACE)
        role.seal(self._child("policy"))
        return role

    def _trust(self) -> Statement:
        state_machine = self._account.arn("states", f"stateMachine:{self._physical_name}")
        return service_trust(
            "states.amazonaws.com",
            where={**from_account(self._account.id), "ArnEquals": {"aws:SourceArn": state_machine}},
        )

    def _make_state_machine(
        self, args: WorkflowArgs, role: Role, log_group: aws.cloudwatch.LogGroup
    ) -> aws.sfn.StateMachine:
        aliases = {task: behind(function, Deployed).alias.arn for task, function in args.tasks.items()}
        return aws.sfn.StateMachine(
            self.name,
            name=self._physical_name,
            type=TYPES[args.durability],
            definition=pulumi.Output.all(**aliases).apply(lambda arns: compile_asl(args.saga, arns)),
            role_arn=role.arn,
            logging_configuration=aws.sfn.StateMachineLoggingConfigurationArgs(
                level=LOGGED[args.durability],
                include_execution_data=False,
                log_destination=pulumi.Output.concat(log_group.arn, ":*"),
            ),
            tracing_configuration=aws.sfn.StateMachineTracingConfigurationArgs(enabled=True),
            # Step Functions asks the role at once whether it may deliver logs.
            opts=self._child(
                "state-machine", pulumi.ResourceOptions(depends_on=[*role.policies], protect=self._is_protected)
            ),
        )
