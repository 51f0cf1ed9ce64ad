"""Another issuer, which the configuration names: Identity Platform exists once for a project and cannot be deleted."""

from __future__ import annotations

import pulumi

from components import issuer
from components.behind import behind
from components.foundation import Foundation
from components.gcp._project import Project
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
        is_verified_before = behind(foundation, Project).config.api_kind == "gateway"
        self._trust_the_configured(args, is_verified_before=is_verified_before)
        self.register_outputs({})
