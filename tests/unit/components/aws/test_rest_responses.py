"""What a REST API's gateway says itself: refusals as problem documents, and the answers to preflights."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.api import problems
from functions.api.problems import ProblemType
from tests.graph import Graph
from tests.unit.components.aws.gateways import PAGES, gateway, methods_of, paths_of, usual


@pytest.fixture(scope="module")
def rest() -> Graph:
    return usual("rest")


def _documents(graph: Graph) -> dict[str, Any]:
    return {
        response.inputs["responseType"]: json.loads(response.inputs["responseTemplates"]["application/json"])
        for response in graph.of("apigateway.Response").values()
    }


def _problem_types() -> dict[str, ProblemType]:
    return {found.uri: found for found in vars(problems).values() if isinstance(found, ProblemType)}


def test_what_the_gateway_refuses_is_a_problem_document_of_the_catalogue(rest: Graph) -> None:
    known = _problem_types()
    for response_type, document in _documents(rest).items():
        if response_type != "WAF_FILTERED":
            problem = known[document["type"]]
            assert (document["title"], document["status"]) == (problem.title, problem.status), response_type


def test_a_problem_documents_status_is_the_responses(rest: Graph) -> None:
    documents = _documents(rest)
    statuses = {
        response.inputs["responseType"]: response.inputs["statusCode"]
        for response in rest.of("apigateway.Response").values()
    }
    assert statuses == {response_type: str(document["status"]) for response_type, document in documents.items()}
    assert {"400", "401", "403", "413", "429"} <= set(statuses.values())


@pytest.mark.parametrize(
    ("response_type", "status"),
    [
        ("BAD_REQUEST_BODY", 400),
        ("UNAUTHORIZED", 401),
        ("ACCESS_DENIED", 403),
        ("WAF_FILTERED", 403),
        ("MISSING_AUTHENTICATION_TOKEN", 404),
        ("REQUEST_TOO_LARGE", 413),
        ("THROTTLED", 429),
        ("AUTHORIZER_FAILURE", 503),
        ("DEFAULT_5XX", 500),
    ],
)
def test_a_refusal_has_the_status_that_it_has_everywhere(rest: Graph, response_type: str, status: int) -> None:
    assert _documents(rest)[response_type]["status"] == status


def test_a_refusal_quotes_nothing_of_the_request_but_its_id(rest: Graph) -> None:
    """The template escapes nothing, so a quoted word could end the document early."""
    for document in _documents(rest).values():
        assert document.pop("instance") == "urn:orderly:request:$context.requestId"
        assert "$" not in json.dumps(document)


def test_a_refusals_headers_are_those_of_every_answer(rest: Graph) -> None:
    for response in rest.of("apigateway.Response").values():
        headers = response.inputs["responseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        assert headers["gatewayresponse.header.X-Request-Id"] == "context.requestId"
        assert headers["gatewayresponse.header.Cache-Control"] == "'no-store'"


@pytest.mark.parametrize(
    ("origins", "allowed_origin"),
    [((), None), (("https://shop.example",), "'https://shop.example'"), (PAGES, "'*'"), (("*",), "'*'")],
)
def test_a_page_can_read_why_it_was_refused(origins: tuple[str, ...], allowed_origin: str | None) -> None:
    responses = gateway("rest", origins=origins).of("apigateway.Response").values()
    found = {
        response.inputs["responseParameters"].get("gatewayresponse.header.Access-Control-Allow-Origin")
        for response in responses
    }
    assert found == {allowed_origin}


def test_a_preflight_names_its_origin_only_if_it_may_call(rest: Graph) -> None:
    (template,) = {
        response.inputs["responseTemplates"]["application/json"]
        for response in rest.of("apigateway.IntegrationResponse").values()
    }
    assert "#if($origin == 'https://shop.example' || $origin == 'https://admin.example')\n" in template
    assert "$context.responseOverride.header.Access-Control-Allow-Origin = $origin" in template
    for response in rest.of("apigateway.IntegrationResponse").values():
        assert "method.response.header.Access-Control-Allow-Origin" not in response.inputs["responseParameters"]


def test_a_preflight_for_every_page_needs_no_template() -> None:
    responses = gateway("rest", origins=("*",)).of("apigateway.IntegrationResponse").values()
    for response in responses:
        assert response.inputs["responseParameters"]["method.response.header.Access-Control-Allow-Origin"] == "'*'"
        assert response.inputs["responseTemplates"] == {"application/json": ""}


def test_a_preflight_lists_the_methods_of_its_path(rest: Graph) -> None:
    paths = paths_of(rest)
    methods = {
        paths[response.inputs["resourceId"]]: response.inputs["responseParameters"][
            "method.response.header.Access-Control-Allow-Methods"
        ]
        for response in rest.of("apigateway.IntegrationResponse").values()
    }
    assert methods["/orders"] == "'GET, HEAD, POST'"
    assert methods["/orders/{order_id}/cancellation"] == "'POST'"


def test_without_origins_preflights_go_to_the_function() -> None:
    methods = methods_of(gateway("rest", origins=()))
    assert [key for key in methods if key.startswith("OPTIONS")] == []
    assert "ANY /orders" in methods
