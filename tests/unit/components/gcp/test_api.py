"""The three fronts of an API: who is let in, who verifies, and what is watched."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.graph import Graph, Resource, build, config
from tests.readings import READINGS
from tests.unit.components.gcp.waiting import waited_for

PLACE = {"project": "orderly-test", "region": "europe-west1"}
DOMAIN = "api.shop.example"


def graph_of(**block: object) -> Graph:
    return build(config("gcp", gcp={**PLACE, **block}))


@pytest.fixture(scope="module")
def gateway() -> Graph:
    return graph_of(gateway_region="europe-west2")


@pytest.fixture(scope="module")
def balanced() -> Graph:
    return graph_of(api_kind="load_balancer", domain=DOMAIN)


@pytest.fixture(scope="module")
def direct() -> Graph:
    return graph_of(api_kind="direct")


def invokers(graph: Graph) -> set[str]:
    """Who may call the API's function."""
    name = graph.one("cloudfunctionsv2.Function", "api").inputs["name"]
    members = graph.of("cloudrunv2.ServiceIamMember").values()
    return {each.inputs["member"] for each in members if each.inputs["name"] == name}


def account(graph: Graph, name: str) -> str:
    return str(graph.one("serviceaccount.Account", name).state["member"])


def document(graph: Graph) -> dict[str, Any]:
    (found,) = graph.one("apigateway.ApiConfig", "api").inputs["openapiDocuments"]
    told: dict[str, Any] = json.loads(base64.b64decode(found["document"]["contents"]))
    return told


def test_behind_a_gateway_only_the_gateways_account_may_call(gateway: Graph) -> None:
    assert invokers(gateway) == {account(gateway, "api-gateway")}
    backend = gateway.one("apigateway.ApiConfig", "api").inputs["gatewayConfig"]["backendConfig"]
    assert f"serviceAccount:{backend['googleServiceAccount']}" == account(gateway, "api-gateway")


def test_behind_a_gateway_the_function_is_told_of_no_keys(gateway: Graph) -> None:
    """It would believe them instead of the gateway, whose caller's token it never sees."""
    assert not {each for each in READINGS["gcp"].variables(gateway, "api") if each.startswith("ORDERLY_TOKEN")}


def test_the_gateway_goes_to_the_function_and_waits_longer_than_it(gateway: Graph) -> None:
    function = gateway.one("cloudfunctionsv2.Function", "api")
    backend = document(gateway)["x-google-backend"]
    assert backend["address"] == function.state["serviceConfig"]["uri"]
    assert backend["deadline"] > function.inputs["serviceConfig"]["timeoutSeconds"]


def test_the_gateway_is_where_there_is_one_and_the_function_where_everything_is(gateway: Graph) -> None:
    assert gateway.one("apigateway.Gateway", "api").inputs["region"] == "europe-west2"
    assert gateway.one("cloudfunctionsv2.Function", "api").inputs["location"] == "europe-west1"


def test_another_document_is_another_configuration_beside_the_old_one(gateway: Graph) -> None:
    """The gateway still uses the old one, which cannot be deleted before."""
    inputs = gateway.one("apigateway.ApiConfig", "api").inputs
    assert "apiConfigId" not in inputs
    assert inputs["apiConfigIdPrefix"].endswith("-")


def test_the_gateway_waits_until_its_api_is_enabled_and_it_may_call(gateway: Graph) -> None:
    before = waited_for(gateway, gateway.one("apigateway.Gateway", "api"))
    assert ("projects.Service", "api-managed") in before
    assert {("projects.Service", "servicecontrol"), ("projects.Service", "servicemanagement")} <= before
    assert ("cloudrunv2.ServiceIamMember", "api-api-gateway") in before


@pytest.mark.parametrize("kind", ["apigateway.Api", "apigateway.ApiConfig"])
def test_what_is_a_managed_service_waits_for_what_manages_it(gateway: Graph, kind: str) -> None:
    before = waited_for(gateway, gateway.one(kind, "api"))
    assert {("projects.Service", "servicecontrol"), ("projects.Service", "servicemanagement")} <= before


def test_the_managed_service_is_enabled_once_it_has_a_configuration(gateway: Graph) -> None:
    before = waited_for(gateway, gateway.one("projects.Service", "api-managed"))
    assert ("apigateway.ApiConfig", "api") in before


def test_the_address_is_the_gateways(gateway: Graph) -> None:
    hostname = gateway.one("apigateway.Gateway", "api").state["defaultHostname"]
    assert gateway.outputs["api_url"] == f"https://{hostname}"


def test_a_load_balancer_answers_to_its_domain_over_tls_alone(balanced: Graph) -> None:
    rule = balanced.one("compute.GlobalForwardingRule", "api").inputs
    proxy, certificate = (
        balanced.one(f"compute.{kind}", "api") for kind in ("TargetHttpsProxy", "ManagedSslCertificate")
    )
    assert (rule["portRange"], rule["target"]) == ("443", proxy.id)
    assert proxy.inputs["sslCertificates"] == [certificate.id]
    assert certificate.inputs["managed"] == {"domains": [DOMAIN]}
    assert balanced.one("compute.SSLPolicy", "api").inputs["minTlsVersion"] == "TLS_1_2"
    assert balanced.outputs["api_url"] == f"https://{DOMAIN}"


def test_a_load_balancer_leads_to_the_service_of_the_function(balanced: Graph) -> None:
    paths = _one(balanced, "compute.URLMap")
    backend, endpoints = _one(balanced, "compute.BackendService"), _one(balanced, "compute.RegionNetworkEndpointGroup")
    assert paths.inputs["defaultService"] == backend.id
    assert backend.inputs["backends"] == [{"group": endpoints.id}]
    function = balanced.one("cloudfunctionsv2.Function", "api")
    assert endpoints.inputs["cloudRun"] == {"service": function.inputs["name"]}


def test_another_domain_gets_a_certificate_of_another_name(balanced: Graph) -> None:
    """A certificate cannot change, and is in use until the new one is."""
    moved = graph_of(api_kind="load_balancer", domain="orders.shop.example")
    certificates = [each.one("compute.ManagedSslCertificate", "api").inputs["name"] for each in (balanced, moved)]
    assert len(set(certificates)) == 2


@pytest.mark.parametrize("form", ["balanced", "direct"])
def test_without_a_gateway_everybody_is_let_in_as_far_as_the_function_which_verifies(
    form: str, request: pytest.FixtureRequest
) -> None:
    graph: Graph = request.getfixturevalue(form)
    assert invokers(graph) == {"allUsers"}
    variables = READINGS["gcp"].variables(graph, "api")
    assert variables.items() >= {
        ("ORDERLY_TOKEN_ISSUER", "https://login.example"),
        ("ORDERLY_TOKEN_AUDIENCE", "orders"),
        ("ORDERLY_TOKEN_KEYS", "https://login.example/jwks"),
    }


def test_everybody_is_let_in_to_the_api_and_nowhere_else(direct: Graph) -> None:
    opened = [each for each in direct.of("cloudrunv2.ServiceIamMember").values() if each.inputs["member"] == "allUsers"]
    assert [each.inputs["name"] for each in opened] == [direct.one("cloudfunctionsv2.Function", "api").inputs["name"]]


def test_the_functions_own_address_needs_nothing_before_it(direct: Graph) -> None:
    assert direct.outputs["api_url"] == direct.one("cloudfunctionsv2.Function", "api").state["serviceConfig"]["uri"]
    assert not [each for each in direct if each.kind.startswith(("compute.", "apigateway."))]


@pytest.mark.parametrize(
    ("form", "about"), [("gateway", {"api-errors"}), ("balanced", {"api-errors", "api-latency"}), ("direct", set())]
)
def test_what_the_functions_own_alarms_do_not_see_is_watched_at_the_front(
    form: str, about: set[str], request: pytest.FixtureRequest
) -> None:
    graph: Graph = request.getfixturevalue(form)
    watched = {what for what, of in READINGS["gcp"].alarms(graph) if of == "api"}
    assert {each for each in watched if each.startswith("api-")} == about
    assert watched >= {"function-errors", "function-duration"}


def _one(graph: Graph, kind: str) -> Resource:
    (found,) = graph.of(kind).values()
    return found


def test_a_load_balancers_codes_are_compared_as_the_numbers_that_they_are(balanced: Graph) -> None:
    (condition,) = balanced.one("monitoring.AlertPolicy", "api-api-api-errors").inputs["conditions"]
    assert "metric.labels.response_code_class = 500" in condition["conditionThreshold"]["filter"]
