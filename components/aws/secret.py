"""A secret of Secrets Manager. The stack file owns its value: `pulumi config set --secret` and `pulumi up` rotate it.

A new value becomes a version of its own, and the one before stays readable as AWSPREVIOUS. The provider could take the
value write-only too, but Pulumi keeps what it was given either way, encrypted.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components import secret
from components.aws._account import Account
from components.aws._role import Role
from components.aws._secrets import Value
from components.behind import behind
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.secret import SecretArgs

RECOVERABLE_DAYS = 30
"""For as long its name is taken: a stack that is not protected, which comes and goes, has none."""
READ = ("secretsmanager:GetSecretValue",)


class Secret(secret.Secret):
    CHILDREN = ("secret", "version")

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
        kept = aws.secretsmanager.Secret(
            name,
            name=behind(foundation, Account).name("secret", name),
            recovery_window_in_days=RECOVERABLE_DAYS if foundation.profile.deletion_protection else 0,
            opts=self._child("secret"),
        )
        version = aws.secretsmanager.SecretVersion(
            name, secret_id=kept.arn, secret_string=args.value, opts=self._child("version")
        )
        # Through the version: nobody is told of a secret that has no value yet.
        self.reference = version.secret_id
        self._arn = kept.arn
        self._behind = Value(text=args.value)
        self.register_outputs({})

    def grant_read(self, identity: Identity) -> Grant:
        carried_by = behind(identity, Role).allow(*READ, on=(self._arn,))
        return Grant(verb=Verb.READ, resource=f"secret/{self.name}", carried_by=carried_by)
