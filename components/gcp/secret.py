"""A secret of Secret Manager. The stack file owns its value: `pulumi config set --secret` and `pulumi up` rotate it.

A new value is a version with a number of its own, and the functions that read the secret get a revision that mounts
that number. The version before it is disabled once they have, and destroyed a week later.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from components import secret
from components.behind import behind
from components.foundation import Foundation
from components.gcp._account import ServiceAccount
from components.gcp._mounts import Mount
from components.gcp._project import Project
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.link import Link
from components.secret import SecretArgs
from functions.environment import Variable

READ = "roles/secretmanager.secretAccessor"
RECOVERABLE = timedelta(days=7)
"""A day at least."""
MOUNTED_AS = "ORDERLY_SECRET_"


class Secret(secret.Secret):
    CHILDREN = ("secret", "version", "reader")

    def __init__(
        self,
        name: str,
        *,
        args: SecretArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._project = behind(foundation, Project)
        self._secret = self._make_secret()
        self._newest = gcp.secretmanager.SecretVersion(
            name,
            project=self._project.id,
            secret=self._secret.id,
            secret_data=args.value,
            deletion_policy="DELETE",
            opts=self._child("version"),
        )
        self.reference = f"{MOUNTED_AS}{name.replace('-', '_').upper()}"
        self.register_outputs({})

    def reader(self, variable: Variable) -> Link:
        return Mount(
            grant=self.grant_read,
            variables={variable: self.reference},
            key=str(self.reference),
            secret=self._secret.secret_id,
            version=self._newest.version,
        )

    def grant_read(self, identity: Identity) -> Grant:
        account = behind(identity, ServiceAccount)
        return account.grant(Verb.READ, f"secret/{self.name}", lambda: (self._let_read(account),))

    def _let_read(self, account: ServiceAccount) -> pulumi.Resource:
        return gcp.secretmanager.SecretIamMember(
            f"{self.name}-{account.name}",
            project=self._project.id,
            secret_id=self._secret.secret_id,
            role=READ,
            member=account.member,
            opts=self._child("reader"),
        )

    def _make_secret(self) -> gcp.secretmanager.Secret:
        """In the region alone, which every organisation that allows the region allows too."""
        region = gcp.secretmanager.SecretReplicationUserManagedReplicaArgs(location=self._project.region)
        return gcp.secretmanager.Secret(
            self.name,
            project=self._project.id,
            secret_id=self._project.name("secret", self.name),
            replication=gcp.secretmanager.SecretReplicationArgs(
                user_managed=gcp.secretmanager.SecretReplicationUserManagedArgs(replicas=[region])
            ),
            version_destroy_ttl=f"{int(RECOVERABLE.total_seconds())}s",
            deletion_protection=self._project.is_protected,
            deletion_policy=self._project.deletion_policy,
            opts=self._child(
                "secret", pulumi.ResourceOptions.merge(self._project.ready("secretmanager"), self._project.protected)
            ),
        )
