"""Another issuer, which the configuration names: Azure's provider cannot register an application."""

from __future__ import annotations

import pulumi

from components import issuer
from components.azure._subscription import Subscription
from components.behind import behind
from components.foundation import Foundation
from components.group import Transform
from components.issuer import IssuerArgs


class Issuer(issuer.Issuer):
    """Makes nothing, so a transform has nothing to reach."""

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
        is_verified_before = behind(foundation, Subscription).config.api_kind != "direct"
        self._trust_the_configured(args, is_verified_before=is_verified_before)
        self.register_outputs({})
