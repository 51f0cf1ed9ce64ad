"""Roles of our own, where whichever of Google's would do allows more than is needed."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components.gcp._account import CustomRole
from components.gcp._build import Build


def custom_role(name: str, *, permissions: Sequence[str], build: Build, opts: pulumi.ResourceOptions) -> CustomRole:
    """Its id is new with each system, since one that was deleted is blocked for a month, from a week after that on; and
    it stays as it was made.
    """
    made_once = pulumi.ResourceOptions(ignore_changes=["roleId"])
    project = build.account.project
    made = gcp.projects.IAMCustomRole(
        name,
        project=project.id,
        role_id=build.new_name("custom_role", name),
        title=f"Order system: {name}",
        permissions=list(permissions),
        deletion_policy="DELETE",
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions.merge(project.ready("iam"), made_once), opts),
    )
    return CustomRole(name=made.name, permissions=permissions)
