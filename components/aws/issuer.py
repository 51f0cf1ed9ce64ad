"""A Cognito user pool, unless another issuer is configured. Either way API Gateway verifies the tokens."""

from __future__ import annotations

from datetime import timedelta

import pulumi

from components import issuer
from components.aws import _cognito
from components.aws._account import Account
from components.aws._lambda import Deployed
from components.aws._tokens import Trusted
from components.aws.function import Function
from components.behind import behind
from components.foundation import Foundation
from components.function import FunctionArgs
from components.group import Transform
from components.issuer import IssuerArgs
from components.shop_blocks import TokenConfig
from functions.environment import Variable

TRIGGER_TIMEOUT = timedelta(seconds=5)
"""Cognito waits no longer for a trigger."""
TRIGGER_MEMORY_MB = 512


class Issuer(issuer.Issuer):
    CHILDREN = (*_cognito.CHILDREN, *Function.CHILDREN)

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
        self._system = foundation
        self._behind = self._configured(args.configured) if args.configured else self._of_our_own()
        self.register_outputs({})

    def _configured(self, token: TokenConfig) -> Trusted:
        self._trust(token)
        self.variables = {}
        return Trusted(issuer=self.issuer, audience=self.audience, verification=self._of_the_issuer())

    def _of_our_own(self) -> Trusted:
        made = _cognito.user_pool(
            self.name,
            account=behind(self._system, Account),
            child=self._child,
            pre_token=self._pre_token(),
            web_origins=self._system.config.api.cors_origins,
            protect=self._system.profile.deletion_protection,
        )
        self.issuer = pulumi.Output.concat("https://", made.pool.endpoint)
        # An access token of Cognito's names its client where others have an audience; API Gateway takes either.
        self.audience = made.client.id
        self.keys = pulumi.Output.concat(self.issuer, "/.well-known/jwks.json")
        self.variables = {Variable.TOKEN_SCOPE_PREFIX: _cognito.SCOPE_PREFIX}
        return Trusted(
            issuer=self.issuer,
            audience=self.audience,
            verification=self._of_the_issuer(),
            scope_prefix=_cognito.SCOPE_PREFIX,
            pool_arn=made.pool.arn,
        )

    def _pre_token(self) -> Deployed:
        function = Function(
            f"{self.name}-pre-token",
            args=FunctionArgs(
                handler="pre_token", timeout=TRIGGER_TIMEOUT, memory_mb=TRIGGER_MEMORY_MB, is_awaited=True
            ),
            foundation=self._system,
            transform=self._hooks(*Function.CHILDREN),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return behind(function, Deployed)
