"""A secret of the system's key vault. The stack file owns its value: `pulumi config set --secret` and `up` rotate it.

An app gets it as a setting that the platform fills in, as the app's identity, which may read this one secret.
"""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from components import secret
from components.azure._identity import ManagedIdentity
from components.azure._mounts import Mount
from components.azure._roles import Role
from components.azure._subscription import Subscription
from components.azure._vault import Vault
from components.behind import behind
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.link import Link
from components.secret import SecretArgs
from functions.environment import Variable

MOUNTED_AS = "ORDERLY_SECRET_"


class Secret(secret.Secret):
    CHILDREN = ("secret", "reader")

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
        self._subscription, self._vault = behind(foundation, Subscription), behind(foundation, Vault).made
        self._secret = azure.keyvault.Secret(
            name,
            resource_group_name=self._subscription.group_name,
            vault_name=self._vault.name,
            secret_name=name,
            properties=azure.keyvault.SecretPropertiesArgs(
                value=args.value, attributes=azure.keyvault.SecretAttributesArgs(enabled=True)
            ),
            # It would be deleted as whoever deploys, who has no right to; it goes with its vault.
            opts=self._child("secret", pulumi.ResourceOptions(retain_on_delete=True)),
        )
        self.reference = f"{MOUNTED_AS}{name.replace('-', '_').upper()}"
        self.register_outputs({})

    def reader(self, variable: Variable) -> Link:
        return Mount(
            grant=self.grant_read,
            variables={variable: self.reference},
            key=str(self.reference),
            vault=self._vault.name,
            secret=self._secret.name,
        )

    def grant_read(self, identity: Identity) -> Grant:
        reader = behind(identity, ManagedIdentity)
        return reader.grant(Verb.READ, f"secret/{self.name}", lambda: (self._let_read(reader),))

    def _let_read(self, reader: ManagedIdentity) -> pulumi.Resource:
        return reader.allow(
            f"{self.name}-{reader.name}-reader",
            role=Role.SECRETS_USER,
            on=self._secret.id,
            opts=self._child("reader"),
        )
