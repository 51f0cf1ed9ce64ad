"""The user pool: whose tokens carry which scopes and tenant, and who can change that."""

from __future__ import annotations

import pytest

from functions.api.routes import SCOPES
from tests.graph import Graph, Resource
from tests.unit.components.aws.gateways import ELSEWHERE, gateway, usual


@pytest.fixture(scope="module")
def graph() -> Graph:
    return usual("http")


@pytest.fixture(scope="module")
def pool(graph: Graph) -> Resource:
    return graph.one("cognito.UserPool", "issuer")


@pytest.fixture(scope="module")
def client(graph: Graph) -> Resource:
    return graph.one("cognito.UserPoolClient", "issuer")


def test_the_resource_server_has_the_scopes_of_the_routes(graph: Graph) -> None:
    server = graph.one("cognito.ResourceServer", "issuer").inputs
    assert server["identifier"] == "orderly"
    assert {scope["scopeName"]: scope["scopeDescription"] for scope in server["scopes"]} == SCOPES


def test_the_client_waits_for_the_scopes_that_it_may_ask_for(graph: Graph, client: Resource) -> None:
    """Written out they would race the resource server: ScopeDoesNotExistException."""
    assert client.inputs["allowedOauthScopes"] == ["openid", "orderly/orders:read", "orderly/orders:write"]
    assert graph.one("cognito.ResourceServer", "issuer").urn in client.dependencies


def test_the_client_keeps_no_secret_and_sends_no_password(client: Resource) -> None:
    assert client.inputs["generateSecret"] is False
    assert client.inputs["allowedOauthFlows"] == ["code"]
    assert client.inputs["explicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert client.inputs["preventUserExistenceErrors"] == "ENABLED"


def test_a_token_is_good_for_an_hour_and_can_be_revoked(client: Resource) -> None:
    units = client.inputs["tokenValidityUnits"]
    assert (client.inputs["accessTokenValidity"], units["accessToken"]) == (60, "minutes")
    assert client.inputs["enableTokenRevocation"] is True


def test_no_user_can_change_or_choose_a_tenant(pool: Resource, client: Resource) -> None:
    (tenant,) = pool.inputs["schemas"]
    assert (tenant["name"], tenant["mutable"]) == ("tenant", False)
    assert client.inputs["writeAttributes"] == ["email"]
    assert pool.inputs["adminCreateUserConfig"] == {"allowAdminCreateUserOnly": True}


def test_the_tenants_attribute_has_bounds_or_every_plan_would_show_it_changed(pool: Resource) -> None:
    (tenant,) = pool.inputs["schemas"]
    assert tenant["stringAttributeConstraints"] == {"minLength": "1", "maxLength": "64"}


def test_the_trigger_for_access_tokens_is_the_alias_in_a_tier_that_has_it(graph: Graph, pool: Resource) -> None:
    alias = graph.one("lambda.Alias", "issuer-pre-token")
    assert pool.inputs["lambdaConfig"] == {
        "preTokenGenerationConfig": {"lambdaArn": alias.state["arn"], "lambdaVersion": "V2_0"}
    }
    assert pool.inputs["userPoolTier"] == "ESSENTIALS"


def test_the_trigger_may_be_called_for_this_pool_alone(graph: Graph, pool: Resource) -> None:
    permission = graph.one("lambda.Permission", "issuer-pre-token").inputs
    assert permission["sourceArn"] == pool.state["arn"]
    assert (permission["principal"], permission["qualifier"]) == ("cognito-idp.amazonaws.com", "live")


def test_the_trigger_ends_before_cognito_stops_waiting(graph: Graph) -> None:
    trigger = graph.one("lambda.Function", "issuer-pre-token").inputs
    assert trigger["timeout"] <= 5
    assert trigger["handler"] == "functions.entrypoints.aws.handlers.pre_token"


@pytest.mark.parametrize(("stage", "is_protected", "on_aws"), [("dev", False, "INACTIVE"), ("prod", True, "ACTIVE")])
def test_users_are_protected_where_orders_are(stage: str, is_protected: bool, on_aws: str) -> None:
    pool = gateway("http", stage=stage).one("cognito.UserPool", "issuer")
    assert (pool.protect, pool.inputs["deletionProtection"]) == (is_protected, on_aws)


def test_signing_in_is_by_mail_with_a_long_password_and_a_second_factor_for_who_wants_one(pool: Resource) -> None:
    policy = pool.inputs["passwordPolicy"]
    assert policy["minimumLength"] >= 12
    assert all(policy[f"require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))
    assert (pool.inputs["mfaConfiguration"], pool.inputs["usernameAttributes"]) == ("OPTIONAL", ["email"])
    assert pool.inputs["usernameConfiguration"] == {"caseSensitive": False}


def test_two_accounts_with_the_same_stack_get_two_domains(graph: Graph) -> None:
    """The domains of all accounts of a region are one name space."""
    other = gateway("http", account="210987654321").one("cognito.UserPoolDomain", "issuer")
    assert graph.one("cognito.UserPoolDomain", "issuer").inputs["domain"] != other.inputs["domain"]


@pytest.mark.parametrize(
    ("origins", "redirects"),
    [
        (("https://shop.example",), ["https://shop.example/callback"]),
        (("http://localhost:3000", "http://shop.example"), ["http://localhost:3000/callback"]),
        (("*",), ["http://localhost:8080/callback"]),
        ((), ["http://localhost:8080/callback"]),
    ],
)
def test_a_code_goes_to_pages_over_tls_or_to_the_users_own_machine(
    origins: tuple[str, ...], redirects: list[str]
) -> None:
    client = gateway("http", origins=origins).one("cognito.UserPoolClient", "issuer")
    assert client.inputs["callbackUrls"] == redirects


def test_the_issuer_is_told_as_its_tokens_write_it(graph: Graph, pool: Resource, client: Resource) -> None:
    issuer = f"https://cognito-idp.eu-central-1.amazonaws.com/{pool.id}"
    assert graph.outputs["issuer"] == issuer
    assert graph.outputs["keys"] == f"{issuer}/.well-known/jwks.json"
    assert graph.outputs["audience"] == client.id


def test_the_function_learns_only_how_scopes_are_written(graph: Graph) -> None:
    """It believes its gateway; with keys it would load a library and verify every token twice."""
    assert _of_tokens(graph) == {"ORDERLY_TOKEN_SCOPE_PREFIX": "orderly/"}


def test_with_a_configured_issuer_there_is_no_pool_and_nothing_to_learn() -> None:
    graph = gateway("http", token=ELSEWHERE)
    assert [found.name for found in graph if found.type.startswith("aws:cognito")] == []
    assert set(graph.of("lambda.Function")) == {"api"}
    assert _of_tokens(graph) == {}
    assert graph.outputs["keys"] == "https://login.example/keys.json"


def _of_tokens(graph: Graph) -> dict[str, str]:
    variables: dict[str, str] = graph.one("lambda.Function", "api").inputs["environment"]["variables"]
    return {name: value for name, value in variables.items() if "TOKEN" in name}
