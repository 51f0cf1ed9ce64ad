"""Lambda on arm64: each function with its own role and log group, called by its alias `live` and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components import function
from components.aws import _warm
from components.aws._account import Account
from components.aws._lambda import ALIAS, Deployed
from components.aws._lambda_alarms import lambda_alarms
from components.aws._package import package
from components.aws._policy import service_trust
from components.aws._role import Role
from components.behind import behind
from components.foundation import Foundation
from components.function import FunctionArgs
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.link import wire

ENTRY_POINTS = "functions.entrypoints.aws.handlers"
PACKAGES: Mapping[str, str] = {"authorize": "authorizer"}
"""By handler; every other function is in the package `functions`."""
INVOKE = ("lambda:InvokeFunction",)
TRACE = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
LOG = ("logs:CreateLogStream", "logs:PutLogEvents")


class Function(function.Function):
    CHILDREN = ("role", "policy", "log-group", "function", "alias", *_warm.CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: FunctionArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._account, self._system = behind(foundation, Account), foundation
        log_group = self._log_group()
        self.identity = role = self._role(log_group)
        wiring = wire(name, role, self._links(args, foundation))
        self.grants = wiring.grants
        role.seal(self._child("policy"))
        live = self._alias(self._function(args, role, log_group, wiring.variables))
        self._behind = self._deployed = Deployed(
            alias=live, physical_name=self._physical_name, role=role, timeout_seconds=int(args.timeout.total_seconds())
        )
        is_warm = _warm.keep_warm(name, live, args, account=self._account, child=self._child)
        self._account.watch(*lambda_alarms(name, self._deployed, is_warm=is_warm))
        self.register_outputs({})
        if args.trigger:
            args.trigger.attach(self)

    def grant_invoke(self, identity: Identity) -> Grant:
        carried_by = behind(identity, Role).allow(*INVOKE, on=(self._deployed.alias.arn,))
        return Grant(verb=Verb.INVOKE, resource=f"function/{self.name}", carried_by=carried_by)

    @property
    def _physical_name(self) -> str:
        return self._account.name("function", self.name)

    def _log_group(self) -> aws.cloudwatch.LogGroup:
        """Made here rather than by Lambda at the first call, which would keep it for ever."""
        return aws.cloudwatch.LogGroup(
            self.name,
            name=f"/aws/lambda/{self._physical_name}",
            retention_in_days=self._system.profile.log_retention_days,
            opts=self._child("log-group"),
        )

    def _role(self, log_group: aws.cloudwatch.LogGroup) -> Role:
        # No condition on the account: Lambda takes a role of its own account only, and says of no other one.
        role = Role(
            self.name,
            account=self._account,
            trust=service_trust("lambda.amazonaws.com"),
            opts=self._child("role"),
        )
        role.allow(*LOG, on=(pulumi.Output.concat(log_group.arn, ":*"),))
        role.allow_unscoped(*TRACE)
        return role

    def _function(
        self,
        args: FunctionArgs,
        role: Role,
        log_group: aws.cloudwatch.LogGroup,
        variables: Mapping[str, pulumi.Input[str]],
    ) -> aws.lambda_.Function:
        return aws.lambda_.Function(
            self.name,
            name=self._physical_name,
            role=role.arn,
            runtime=aws.lambda_.Runtime.PYTHON3D13,
            architectures=["arm64"],
            handler=f"{ENTRY_POINTS}.{args.handler}",
            code=pulumi.FileArchive(str(package(PACKAGES.get(args.handler, "functions")))),
            memory_size=args.memory_mb,
            timeout=int(args.timeout.total_seconds()),
            publish=True,
            reserved_concurrent_executions=self._account.reserved(self.name),
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=dict(variables)),
            logging_config=self._logging(log_group),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
            snap_start=_warm.snapshot(args, self._account),
            # Lambda asks the role at once whether it may write logs and traces; the role's policy has to be there.
            opts=self._child("function", pulumi.ResourceOptions(depends_on=[*role.policies, log_group])),
        )

    def _logging(self, log_group: aws.cloudwatch.LogGroup) -> aws.lambda_.FunctionLoggingConfigArgs:
        """Lambda lets all through that the function writes, which knows its level: a metric's line has none, and would
        be dropped above INFO. Of its own lines it keeps warnings: what it reports of every call is in the metrics too.
        """
        return aws.lambda_.FunctionLoggingConfigArgs(
            log_format="JSON",
            application_log_level="TRACE",
            system_log_level="WARN",
            log_group=log_group.name,
        )

    def _alias(self, published: aws.lambda_.Function) -> aws.lambda_.Alias:
        return aws.lambda_.Alias(
            self.name,
            name=ALIAS,
            function_name=published.name,
            function_version=published.version,
            opts=self._child("alias"),
        )
