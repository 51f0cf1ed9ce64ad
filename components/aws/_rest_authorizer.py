"""Who verifies the tokens of a REST API: Cognito for its own, else a function of ours."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws._gateway import SERVICE, Gateway
from components.aws._lambda import Deployed
from components.aws._rest_parts import Parts

KEPT_SECONDS = 300
"""How long the gateway goes by what a token was once found to be; so long one may outlive its end."""
HEADER = "method.request.header.Authorization"
BEARER = r"^[Bb]earer +[A-Za-z0-9_.=-]+$"
"""Anything else is refused without asking; as functions/api/tokens.py reads the header."""


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """What a method that needs a scope says of it."""

    kind: str
    authorizer: aws.apigateway.Authorizer
    scope_prefix: str | None
    """None: the gateway knows no scopes, the function checks them."""

    def scopes(self, scope: str) -> list[str] | None:
        return None if self.scope_prefix is None else [f"{self.scope_prefix}{scope}"]


def by_cognito(parts: Parts, gateway: Gateway, pool_arn: pulumi.Input[str]) -> Authorization:
    """Because each method names its scope, it takes access tokens only, never an ID token."""
    authorizer = aws.apigateway.Authorizer(
        gateway.name,
        name=gateway.name,
        rest_api=parts.api.id,
        type="COGNITO_USER_POOLS",
        provider_arns=[pool_arn],
        identity_source=HEADER,
        opts=parts.child("authorizer"),
    )
    return Authorization(
        kind="COGNITO_USER_POOLS", authorizer=parts.add(authorizer), scope_prefix=gateway.tokens.scope_prefix
    )


def by_function(parts: Parts, gateway: Gateway, verifier: Deployed) -> Authorization:
    authorizer = aws.apigateway.Authorizer(
        gateway.name,
        name=gateway.name,
        rest_api=parts.api.id,
        type="TOKEN",
        authorizer_uri=verifier.alias.invoke_arn,
        identity_source=HEADER,
        identity_validation_expression=BEARER,
        authorizer_result_ttl_in_seconds=KEPT_SECONDS,
        opts=parts.child("authorizer"),
    )
    verifier.let_call(
        f"{gateway.name}-authorizer",
        service=SERVICE,
        source_arn=pulumi.Output.concat(parts.api.execution_arn, "/authorizers/", authorizer.id),
        opts=parts.child("authorizer-permission"),
    )
    return Authorization(kind="CUSTOM", authorizer=parts.add(authorizer), scope_prefix=None)
