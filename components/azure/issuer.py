"""Another issuer, which the configuration names: Azure's provider cannot register an application."""

from __future__ import annotations

import pulumi

from components import issuer
from components.azure._subscription import subscription_of
from components.errors import WiringError
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
        token = args.configured
        if token is None:
            raise WiringError(f"issuer {name} needs one that is configured; set api.token")
        self.issuer, self.audience, self.keys = token.issuer, token.audience, token.keys_url
        # Told of no keys, the function believes the claims that the gateway passes on, and nobody else's.
        is_verified_before = subscription_of(foundation).config.api_kind != "direct"
        self.variables = {} if is_verified_before else self._of_the_issuer()
        self.register_outputs({})
