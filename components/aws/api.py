"""An HTTP API or, with aws.api_kind rest, a REST API: in both API Gateway verifies tokens, limits and logs."""

from __future__ import annotations

from datetime import timedelta

import pulumi

from components import api
from components.api import ApiArgs
from components.aws import _http_api, _rest_api
from components.aws._account import Account
from components.aws._gateway import Front, Gateway, gateway_alarms
from components.aws._http_api import HttpApi
from components.aws._lambda import Deployed
from components.aws._rest_api import RestApi
from components.aws._tokens import Trusted
from components.aws.function import Function
from components.behind import behind
from components.foundation import Foundation
from components.function import FunctionArgs
from components.group import Transform
from components.link import Link

VERIFIER_TIMEOUT = timedelta(seconds=10)
VERIFIER_MEMORY_MB = 512


class Api(api.Api):
    CHILDREN = tuple(dict.fromkeys((*_http_api.CHILDREN, *_rest_api.CHILDREN, *Function.CHILDREN)))

    def __init__(
        self,
        name: str,
        *,
        args: ApiArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._account, self._system = behind(foundation, Account), foundation
        gateway = self._gateway(args)
        self._front = self._made(gateway)
        self._account.watch(*gateway_alarms(name, self._front.measured, gateway.function.timeout_seconds))
        self.register_outputs({})

    def serve(self) -> pulumi.Output[str]:
        return self._front.address

    def _made(self, gateway: Gateway) -> Front:
        if self._account.config.api_kind == "http":
            return HttpApi(gateway)
        return RestApi(gateway, make_verifier=lambda: self._verifier(gateway))

    def _verifier(self, gateway: Gateway) -> Deployed:
        """Verifies tokens as the function itself does on other targets, and for every route at once."""
        function = Function(
            f"{self.name}-authorizer",
            args=FunctionArgs(
                handler="authorize",
                timeout=VERIFIER_TIMEOUT,
                memory_mb=VERIFIER_MEMORY_MB,
                is_awaited=True,
                links=(Link(variables=gateway.tokens.verification),),
            ),
            foundation=self._system,
            transform=self._hooks(*Function.CHILDREN),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return behind(function, Deployed)

    def _gateway(self, args: ApiArgs) -> Gateway:
        return Gateway(
            name=self.name,
            account=self._account,
            child=self._child,
            function=behind(args.function, Deployed),
            tokens=behind(args.issuer, Trusted),
            cors_origins=args.cors_origins,
            rate_per_second=args.rate_per_second,
            burst=args.burst,
            log_retention_days=self._system.profile.log_retention_days,
            stage=self._system.config.stage,
        )
