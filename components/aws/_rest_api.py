"""A REST API: bodies are checked against their models and refusals are problem documents before any function runs."""

from __future__ import annotations

from collections.abc import Callable

import pulumi

from components.aws import _api_logging, _firewall
from components.aws._alarms import Metric
from components.aws._api_logging import logging_account
from components.aws._firewall import firewall
from components.aws._gateway import NAMESPACE, Gateway, Measured
from components.aws._lambda import Deployed
from components.aws._rest_authorizer import Authorization, by_cognito, by_function
from components.aws._rest_methods import Methods
from components.aws._rest_parts import Parts
from components.aws._rest_responses import gateway_responses
from components.aws._rest_stage import stage

CHILDREN = (
    "api",
    "authorizer",
    "authorizer-permission",
    "resource",
    "method",
    "integration",
    "method-response",
    "integration-response",
    "model",
    "request-validator",
    "gateway-response",
    "deployment",
    "stage",
    "access-logs",
    "execution-logs",
    "method-settings",
    "usage-plan",
    "permission",
    *_firewall.CHILDREN,
    *_api_logging.CHILDREN,
)


class RestApi:
    """`make_verifier` makes the authorizer's function; called where the tokens are not from our own user pool."""

    def __init__(self, gateway: Gateway, *, make_verifier: Callable[[], Deployed]) -> None:
        self._gateway = gateway
        self._parts = Parts(gateway)
        gateway_responses(self._parts, gateway.cors_origins)
        Methods(self._parts, gateway, self._authorization(make_verifier))
        gateway.let_call_the_function(self._parts.api.execution_arn)
        self._stage = stage(self._parts, gateway, logging=self._logging())
        if gateway.account.config.waf is not False:
            firewall(gateway, self._stage.arn)

    @property
    def address(self) -> pulumi.Output[str]:
        return self._stage.invoke_url

    @property
    def measured(self) -> Measured:
        of = {"ApiName": self._gateway.physical_name, "Stage": self._gateway.stage}
        return Measured(
            requests=Metric(namespace=NAMESPACE, name="Count", dimensions=of),
            errors=Metric(namespace=NAMESPACE, name="5XXError", dimensions=of),
            latency=Metric(namespace=NAMESPACE, name="Latency", dimensions=of, statistic="p99"),
        )

    def _authorization(self, make_verifier: Callable[[], Deployed]) -> Authorization:
        pool_arn = self._gateway.tokens.pool_arn
        if pool_arn is None:
            return by_function(self._parts, self._gateway, make_verifier())
        return by_cognito(self._parts, self._gateway, pool_arn)

    def _logging(self) -> tuple[pulumi.Resource, ...]:
        account = self._gateway.account
        if not account.config.manage_api_logging_role:
            return ()
        return (logging_account(self._gateway.name, account, self._gateway.child),)
