"""What only API Management has: its tiers, an identity of its own, an operation for each route."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import fromstring

import pytest

from components.api import Api, ApiArgs
from components.azure._gateway import _rate
from components.azure._policy import Rate
from components.azure._routes import operations
from components.function import Function, FunctionArgs
from components.issuer import Issuer, IssuerArgs
from components.shop_blocks import TokenConfig
from functions.api.routes import ROUTES
from tests.azure.reading import settings
from tests.graph import Graph
from tests.unit.components.azure.place import BLOCK
from tests.unit.components.making import Make, function_args, made_alone

TOKEN = TokenConfig(issuer="https://login.example", audience="orders", keys_url="https://login.example/jwks")


def behind(**azure: object) -> Graph:
    def wire(make: Make) -> None:
        issuer = make(Issuer, "issuer", IssuerArgs(configured=TOKEN))
        args = FunctionArgs(**{**vars(function_args(issuer.verifier())), "is_awaited": True})
        make(
            Api,
            "shop",
            ApiArgs(
                function=make(Function, "answer", args),
                issuer=issuer,
                cors_origins=("https://shop.example",),
                rate_per_second=20,
                burst=40,
            ),
        )

    return made_alone("azure", wire, azure={**BLOCK, **azure})


@pytest.fixture(scope="module")
def graph() -> Graph:
    return behind()


@pytest.fixture(scope="module")
def basic() -> Graph:
    return behind(api_kind="basic", recover=True)


def policies(graph: Graph) -> Mapping[str, str]:
    return {
        found.inputs["operationId"]: found.inputs["value"]
        for found in graph.of("apimanagement.ApiOperationPolicy").values()
    }


def test_by_default_it_is_paid_for_by_the_call(graph: Graph) -> None:
    inputs = graph.one("apimanagement.ApiManagementService", "shop").inputs
    assert inputs["sku"] == {"name": "Consumption", "capacity": 0}
    assert inputs["publisherEmail"] == "api@shop.example"
    assert (inputs["developerPortalStatus"], inputs["legacyPortalStatus"]) == ("Disabled", "Disabled")


def test_the_tier_that_limits_the_rate_is_basic_v2(graph: Graph, basic: Graph) -> None:
    assert basic.one("apimanagement.ApiManagementService", "shop").inputs["sku"] == {"name": "BasicV2", "capacity": 1}
    limited = {
        name: "rate-limit-by-key" in made.one("apimanagement.ApiPolicy", "shop").inputs["value"]
        for name, made in (("consumption", graph), ("basic", basic))
    }
    assert limited == {"consumption": False, "basic": True}


@pytest.mark.parametrize(
    ("per_second", "burst", "rate"),
    [
        (20, 40, Rate(calls=40, seconds=2)),
        (500, 1, Rate(calls=500, seconds=1)),
        (1, 5000, Rate(calls=300, seconds=300)),
    ],
)
def test_a_burst_fits_into_what_is_counted_together(per_second: int, burst: int, rate: Rate) -> None:
    assert _rate(per_second, burst) == rate


def test_a_gateway_that_was_deleted_is_taken_back_when_it_is_asked_for(graph: Graph, basic: Graph) -> None:
    assert graph.one("apimanagement.ApiManagementService", "shop").inputs["restore"] is False
    assert basic.one("apimanagement.ApiManagementService", "shop").inputs["restore"] is True


def test_it_calls_the_app_as_an_identity_of_its_own_whom_alone_the_app_lets_in(graph: Graph) -> None:
    identity = graph.one("managedidentity.UserAssignedIdentity", "shop-gateway")
    gateway = graph.one("apimanagement.ApiManagementService", "shop").inputs["identity"]
    assert gateway == {"type": "UserAssigned", "userAssignedIdentities": {identity.id: {}}}
    validation = graph.one("web.WebAppAuthSettingsV2", "answer").inputs["identityProviders"]["azureActiveDirectory"][
        "validation"
    ]
    assert validation["defaultAuthorizationPolicy"] == {
        "allowedApplications": [identity.state["clientId"]],
        "allowedPrincipals": {"identities": [identity.state["principalId"]]},
    }
    assert settings(graph.one("web.WebApp", "answer"))["ORDERLY_CALLERS"] == identity.state["principalId"]


def test_every_operation_speaks_for_the_gateway(graph: Graph) -> None:
    identity = graph.one("managedidentity.UserAssignedIdentity", "shop-gateway").state["clientId"]
    for policy in policies(graph).values():
        (spoken,) = fromstring(policy).iterfind("inbound/authentication-managed-identity")  # noqa: S314 our own
        assert spoken.attrib == {"resource": "bbbbbbbb-cccc-dddd-eeee-ffffffffffff", "client-id": identity}


def test_each_route_is_an_operation_and_each_get_a_head_besides(graph: Graph) -> None:
    made = {
        (found.inputs["method"], found.inputs["urlTemplate"])
        for found in graph.of("apimanagement.ApiOperation").values()
    }
    assert made == {(route.method, route.path) for route in ROUTES} | {
        ("HEAD", route.path) for route in ROUTES if route.method == "GET"
    }


def test_what_is_variable_in_a_path_is_declared(graph: Graph) -> None:
    """Azure refuses an operation that leaves it out."""
    for found in graph.of("apimanagement.ApiOperation").values():
        names = [each["name"] for each in found.inputs.get("templateParameters", ())]
        assert names == [part[1:-1] for part in found.inputs["urlTemplate"].split("/") if part.startswith("{")]


def test_an_operation_asks_for_its_routes_scope(graph: Graph) -> None:
    asked = policies(graph)
    assert asked.keys() == {operation.id for operation in operations()}
    for operation in operations():
        scope = operation.route.scope
        assert ("validate-jwt" in asked[operation.id]) is (scope is not None)
        assert scope is None or scope in asked[operation.id]


def test_no_caller_needs_a_key_of_the_gateway(graph: Graph) -> None:
    api = graph.one("apimanagement.Api", "shop").inputs
    assert (api["subscriptionRequired"], api["path"], api["protocols"]) == (False, "", ["https"])
    assert api["serviceUrl"] == f"https://{graph.one('web.WebApp', 'answer').inputs['name']}.azurewebsites.net"


def test_policies_are_xml_that_is_escaped_as_xml(graph: Graph) -> None:
    made = (*graph.of("apimanagement.ApiPolicy").values(), *graph.of("apimanagement.ApiOperationPolicy").values())
    assert {found.inputs["format"] for found in made} == {"xml"}
    assert {fromstring(found.inputs["value"]).tag for found in made} == {"policies"}  # noqa: S314 our own


def test_directly_the_app_answers_everybody_and_there_is_no_gateway() -> None:
    graph = behind(api_kind="direct")
    assert graph.of("apimanagement.ApiManagementService") == {}
    assert graph.of("web.WebAppAuthSettingsV2") == {}
    app = graph.one("web.WebApp", "answer")
    assert app.inputs["siteConfig"]["ipSecurityRestrictionsDefaultAction"] == "Allow"
    assert settings(app)["ORDERLY_TOKEN_KEYS"] == "https://login.example/jwks"  # noqa: S105 an address
