"""A user pool whose access tokens carry the scopes of the routes and, by a trigger, the tenant of the user.

Users come from an administrator, who says whose they are. A machine's client (client credentials) has no user, so its
tokens have no tenant, and the API refuses them with a 401.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws._account import Account
from components.aws._lambda import Deployed
from components.group import Child
from functions.api.routes import SCOPES

CHILDREN = ("user-pool", "resource-server", "client", "domain", "pre-token-permission")
RESOURCE_SERVER = "orderly"
SCOPE_PREFIX = f"{RESOURCE_SERVER}/"
"""Cognito writes the resource server's identifier before each of its scopes."""
TENANT_CHARACTERS = 64
"""As the API reads the claim: functions/api/tokens.py."""
TOKEN_MINUTES = 60
SESSION_DAYS = 30
CALLBACK = "/callback"
LOOPBACK = "http://localhost:8080"
"""Where a program on its user's machine waits for the code; the only origin that Cognito takes without TLS."""


@dataclass(frozen=True, kw_only=True)
class UserPool:
    pool: aws.cognito.UserPool
    client: aws.cognito.UserPoolClient


def user_pool(
    name: str, *, account: Account, child: Child, pre_token: Deployed, web_origins: Sequence[str], protect: bool
) -> UserPool:
    """`web_origins` are those whose pages may sign users in; none: programs on their users' machines alone."""
    pool = _pool(name, account, child, pre_token, protect=protect)
    pre_token.let_call(
        f"{name}-pre-token",
        service="cognito-idp.amazonaws.com",
        source_arn=pool.arn,
        opts=child("pre-token-permission"),
    )
    client = _client(name, child, pool, web_origins)
    # Cognito's domains are shared by all accounts of a region, so a name without the account could be another's.
    domain = account.id.apply(lambda number: account.name("user_pool_domain", f"{name}-{number}"))
    aws.cognito.UserPoolDomain(name, domain=domain, user_pool_id=pool.id, opts=child("domain"))
    return UserPool(pool=pool, client=client)


def _pool(name: str, account: Account, child: Child, pre_token: Deployed, *, protect: bool) -> aws.cognito.UserPool:
    return aws.cognito.UserPool(
        name,
        name=account.name("user_pool", name),
        # The trigger for access tokens needs this tier at least.
        user_pool_tier="ESSENTIALS",
        deletion_protection="ACTIVE" if protect else "INACTIVE",
        username_attributes=["email"],
        username_configuration=aws.cognito.UserPoolUsernameConfigurationArgs(case_sensitive=False),
        auto_verified_attributes=["email"],
        account_recovery_setting=_recovery(),
        # Who signed up alone would belong to no tenant.
        admin_create_user_config=aws.cognito.UserPoolAdminCreateUserConfigArgs(allow_admin_create_user_only=True),
        mfa_configuration="OPTIONAL",
        software_token_mfa_configuration=aws.cognito.UserPoolSoftwareTokenMfaConfigurationArgs(enabled=True),
        password_policy=_password_policy(),
        schemas=[_tenant_attribute()],
        lambda_config=_trigger(pre_token),
        # An attribute can be added to a pool but never changed; the provider would replace the pool and its users.
        opts=child("user-pool", pulumi.ResourceOptions(protect=protect, ignore_changes=["schemas"])),
    )


def _recovery() -> aws.cognito.UserPoolAccountRecoverySettingArgs:
    by_mail = aws.cognito.UserPoolAccountRecoverySettingRecoveryMechanismArgs(name="verified_email", priority=1)
    return aws.cognito.UserPoolAccountRecoverySettingArgs(recovery_mechanisms=[by_mail])


def _password_policy() -> aws.cognito.UserPoolPasswordPolicyArgs:
    return aws.cognito.UserPoolPasswordPolicyArgs(
        minimum_length=12,
        require_lowercase=True,
        require_uppercase=True,
        require_numbers=True,
        require_symbols=True,
        temporary_password_validity_days=3,
    )


def _tenant_attribute() -> aws.cognito.UserPoolSchemaArgs:
    """A user is of one tenant for good, whatever a client added later may write."""
    return aws.cognito.UserPoolSchemaArgs(
        name="tenant",
        attribute_data_type="String",
        mutable=False,
        required=False,
        developer_only_attribute=False,
        string_attribute_constraints=aws.cognito.UserPoolSchemaStringAttributeConstraintsArgs(
            min_length="1", max_length=str(TENANT_CHARACTERS)
        ),
    )


def _trigger(pre_token: Deployed) -> aws.cognito.UserPoolLambdaConfigArgs:
    return aws.cognito.UserPoolLambdaConfigArgs(
        pre_token_generation_config=aws.cognito.UserPoolLambdaConfigPreTokenGenerationConfigArgs(
            lambda_arn=pre_token.alias.arn, lambda_version="V2_0"
        )
    )


def _client(
    name: str, child: Child, pool: aws.cognito.UserPool, web_origins: Sequence[str]
) -> aws.cognito.UserPoolClient:
    """Public, for pages and programs that keep no secret: a code by redirect, never a password in the clear.

    SRP alone signs a user in, but Cognito gives such a token a scope of its own and none of ours.
    """
    origins = list(_callback_origins(web_origins)) or [LOOPBACK]
    server = _resource_server(name, child, pool)
    return aws.cognito.UserPoolClient(
        name,
        name=name,
        user_pool_id=pool.id,
        generate_secret=False,
        allowed_oauth_flows_user_pool_client=True,
        allowed_oauth_flows=["code"],
        # Of the resource server's own answer, so that the client waits for the scopes to exist.
        allowed_oauth_scopes=server.scope_identifiers.apply(lambda scopes: ["openid", *scopes]),
        callback_urls=[f"{origin}{CALLBACK}" for origin in origins],
        logout_urls=origins,
        supported_identity_providers=["COGNITO"],
        explicit_auth_flows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        prevent_user_existence_errors="ENABLED",
        enable_token_revocation=True,
        access_token_validity=TOKEN_MINUTES,
        id_token_validity=TOKEN_MINUTES,
        refresh_token_validity=SESSION_DAYS,
        token_validity_units=_units(),
        read_attributes=["email", "email_verified", "custom:tenant"],
        write_attributes=["email"],
        opts=child("client"),
    )


def _units() -> aws.cognito.UserPoolClientTokenValidityUnitsArgs:
    return aws.cognito.UserPoolClientTokenValidityUnitsArgs(
        access_token="minutes",  # noqa: S106 -- a unit
        id_token="minutes",  # noqa: S106
        refresh_token="days",  # noqa: S106
    )


def _callback_origins(web_origins: Sequence[str]) -> Iterator[str]:
    """Those that Cognito redirects to: over TLS, or on the user's own machine."""
    for origin in web_origins:
        if origin.startswith("https://") or origin.partition("://")[2].split(":")[0] == "localhost":
            yield origin


def _resource_server(name: str, child: Child, pool: aws.cognito.UserPool) -> aws.cognito.ResourceServer:
    return aws.cognito.ResourceServer(
        name,
        identifier=RESOURCE_SERVER,
        name=RESOURCE_SERVER,
        user_pool_id=pool.id,
        scopes=[
            aws.cognito.ResourceServerScopeArgs(scope_name=scope, scope_description=meaning)
            for scope, meaning in sorted(SCOPES.items())
        ],
        opts=child("resource-server"),
    )
