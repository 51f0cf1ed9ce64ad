"""What a gateway has to know of the issuer whose tokens it verifies."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.link import Variables


@dataclass(frozen=True, kw_only=True)
class Trusted:
    """`verification` is for a function that verifies tokens itself: the authorizer of a REST API."""

    issuer: pulumi.Input[str]
    audience: pulumi.Input[str]
    verification: Variables
    scope_prefix: str = ""
    """What the issuer writes before each scope."""
    pool_arn: pulumi.Output[str] | None = None
    """Our own user pool's, where the tokens are from one."""
