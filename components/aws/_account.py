"""What every AWS component shares: the account and region it is in, how things are named there, what is watched."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws._alarms import Alarm
from components.naming import RULES, physical_name
from components.vendor_blocks import AwsConfig


@dataclass(frozen=True, kw_only=True)
class Account:
    """`config` is the stack file's block `aws`; components say by `watch` what an alarm has to be raised for."""

    config: AwsConfig
    id: pulumi.Output[str]
    boundary: pulumi.Input[str] | None
    """The ARN of the permissions boundary that every role gets."""
    key: aws.kms.Key
    """What topics are encrypted with."""
    alarms: list[Alarm] = field(default_factory=list)

    @property
    def region(self) -> str:
        return self.config.region

    @staticmethod
    def name(kind: str, component: str) -> str:
        """The physical name of a thing of this kind; two things of one kind need two names."""
        return physical_name(RULES["aws", kind], project=pulumi.get_project(), stack=pulumi.get_stack(), name=component)

    def arn(self, service: str, resource: str) -> pulumi.Output[str]:
        """By its physical name, where the resource itself would close a circle."""
        return pulumi.Output.concat(f"arn:aws:{service}:{self.region}:", self.id, f":{resource}")

    def reserved(self, function: str) -> int | None:
        """How many of its executions can always run, if the stack file says so."""
        return {str(name): executions for name, executions in self.config.reserved_concurrency.items()}.get(function)

    def watch(self, *alarms: Alarm) -> None:
        self.alarms.extend(alarms)
