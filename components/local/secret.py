"""A file of mode 0600 in the system's folder."""

from __future__ import annotations

import pulumi

from components import secret
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.local import _resources as local
from components.local._home import home_of
from components.secret import SecretArgs


class Secret(secret.Secret):
    CHILDREN = ("secret",)

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
        home = home_of(foundation)
        home.declare(local.Secret(name, home=home.folder, value=args.value, opts=self._child("secret")))
        self.reference = name
        self.register_outputs({})

    def grant_read(self, identity: Identity) -> Grant:
        return Grant(verb=Verb.READ, resource=f"secret/{self.name}")
