"""Service accounts: everything that acts in a system has its own, and none may do what was not granted to it.

Google falls back to the project's default account, which may often edit everything, wherever none is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.errors import WiringError
from components.gcp._project import Project
from components.identity import Grantee

PROJECT_LEVEL: Mapping[str, str] = {
    "roles/logging.logWriter": "a log belongs to the project",
    "roles/eventarc.eventReceiver": "Eventarc asks for it on the project, whatever the trigger",
    "workflows.executions.create": "a workflow has no policy of its own",
}
"""Roles, and permissions of our own roles, that Google has no narrower place for than the project, and why."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Narrows a grant on the project to what the expression, in Google's CEL, is true of."""

    title: str
    expression: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class CustomRole:
    """A role of the project's own; a grant names it `projects/P/roles/R`."""

    name: pulumi.Input[str]
    permissions: Sequence[str]


@dataclass(frozen=True, kw_only=True, eq=False)
class ServiceAccount(Grantee):
    """An identity. Its grants are members of roles on the resources themselves; `allow` is for what has no policy."""

    project: Project
    account: gcp.serviceaccount.Account

    @property
    def email(self) -> pulumi.Output[str]:
        return self.account.email

    @property
    def member(self) -> pulumi.Output[str]:
        return self.account.member

    @property
    def id(self) -> pulumi.Output[str]:
        """`projects/P/serviceAccounts/EMAIL`."""
        return self.account.name

    def allow(
        self, name: str, *, role: str | CustomRole, opts: pulumi.ResourceOptions, where: Condition | None = None
    ) -> gcp.projects.IAMMember:
        """Grant a role on the project. WiringError for what could be granted on something smaller."""
        allowed, granted = ((role,), role) if isinstance(role, str) else (role.permissions, role.name)
        for each in allowed:
            if where is None and each not in PROJECT_LEVEL:
                raise WiringError(
                    f"account {self.name}: {each} on the whole project is not allowed; grant it on a resource"
                )
        return gcp.projects.IAMMember(
            name,
            project=self.project.id,
            role=granted,
            member=self.member,
            condition=gcp.projects.IAMMemberConditionArgs(title=where.title, expression=where.expression)
            if where
            else None,
            opts=opts,
        )


def service_account(name: str, *, project: Project, says: str, opts: pulumi.ResourceOptions) -> ServiceAccount:
    """`name` is told apart from that of every other account of the system; `says` is what a console shows."""
    account = gcp.serviceaccount.Account(
        name,
        project=project.id,
        account_id=project.name("service_account", name),
        display_name=says,
        opts=pulumi.ResourceOptions.merge(project.ready("iam"), opts),
    )
    return ServiceAccount(name=name, project=project, account=account)
