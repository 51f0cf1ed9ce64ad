"""An ES256 key pair in the system's folder, unless another issuer is configured."""

from __future__ import annotations

import pulumi

from components import issuer
from components.foundation import Foundation
from components.group import Transform
from components.issuer import IssuerArgs
from components.local import _resources as local
from components.local._home import home_of


class Issuer(issuer.Issuer):
    CHILDREN = ("issuer",)

    def __init__(
        self,
        name: str,
        *,
        args: IssuerArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        if args.configured:
            self._trust(args.configured)
        else:
            self._make_own(name, foundation)
        self.variables = self._of_the_issuer()
        self.register_outputs({})

    def _make_own(self, name: str, foundation: Foundation) -> None:
        home = home_of(foundation)
        own = home.declare(local.Issuer(name, home=home.folder, opts=self._child("issuer")))
        self.issuer, self.audience = own.issuer, own.audience
        self.keys = pulumi.Output.concat("file://", own.jwks_path)
