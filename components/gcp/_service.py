"""What others need of a function: the Cloud Run service behind it, its address, and the account that it acts as."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp._account import ServiceAccount
from components.gcp._project import Project

INVOKE = "roles/run.invoker"
"""On the Cloud Run service: a function of the second generation is called through it, and asks nothing else."""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    project: Project
    service: pulumi.Output[str]
    url: pulumi.Output[str]
    """Where it is called, and for whom an OIDC token has to be issued that calls it."""
    physical_name: str
    """Of the service too; what its metrics are found by."""
    account: ServiceAccount
    timeout_seconds: int

    @property
    def location(self) -> str:
        return self.project.region

    def let_call(
        self, name: str, *, member: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> gcp.cloudrunv2.ServiceIamMember:
        return gcp.cloudrunv2.ServiceIamMember(
            name,
            project=self.project.id,
            location=self.location,
            name=self.service,
            role=INVOKE,
            member=member,
            opts=opts,
        )
