"""What every component on Google Cloud shares: project and region, how things are named there, what is watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi

from components.gcp._alarms import Alarm
from components.gcp_blocks import GcpConfig
from components.naming import RULES, physical_name

DeletionPolicy = Literal["DELETE", "PREVENT"]


@dataclass(frozen=True, kw_only=True)
class Project:
    """`config` is the stack file's block `gcp`; components say by `watch` what an alarm has to be raised for."""

    config: GcpConfig
    number: pulumi.Output[str]
    apis: Mapping[str, Sequence[pulumi.Resource]]
    """By the API's first word, what has to exist before anything is made by it."""
    is_protected: bool
    alarms: list[Alarm] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.config.project

    @property
    def region(self) -> str:
        return self.config.region

    @property
    def deletion_policy(self) -> DeletionPolicy:
        """Said of whatever keeps data: what it is by default differs from resource to resource."""
        return "PREVENT" if self.is_protected else "DELETE"

    @property
    def protected(self) -> pulumi.ResourceOptions:
        """Of whatever keeps data, besides what Google's provider protects by itself: Pulumi alone refuses a `destroy`
        before anything of the system is gone.
        """
        return pulumi.ResourceOptions(protect=self.is_protected)

    def name(self, kind: str, component: str) -> str:
        """The physical name of a thing of this kind; two things of one kind need two names."""
        return physical_name(RULES["gcp", kind], project=pulumi.get_project(), stack=pulumi.get_stack(), name=component)

    def path(self, *parts: str) -> str:
        """As in `projects/my-project/topics/orders`: what can be said of a resource before it exists."""
        return "/".join(("projects", self.id, *parts))

    def ready(self, *apis: str) -> pulumi.ResourceOptions:
        """The options of whatever is made by these APIs: it waits until they are enabled."""
        return pulumi.ResourceOptions(depends_on=[resource for api in apis for resource in self.apis[api]])

    def agent(self, service: str) -> pulumi.Output[str]:
        """As whom a service of Google's acts in this project, as a member of a role."""
        return pulumi.Output.concat(
            "serviceAccount:service-", self.number, f"@gcp-sa-{service}.iam.gserviceaccount.com"
        )

    def watch(self, *alarms: Alarm) -> None:
        self.alarms.extend(alarms)
