"""What API Management is told to do with a request, read off the XML of its policies."""

from __future__ import annotations

import json
import re
from xml.etree.ElementTree import Element, fromstring

import pytest

from components.azure._policy import TOLD, Caller, Rate, Tokens, api_policy, operation_policy
from functions.api import problems
from functions.entrypoints.azure.http import CLAIMS

TOKENS = Tokens(issuer="https://login.example/", audience="orders & more")
CALLER = Caller(client_id="client", application="application")


def of_all(origins: tuple[str, ...] = (), rate: Rate | None = None) -> Element:
    return fromstring(api_policy(origins=origins, rate=rate, patience_seconds=11))  # noqa: S314 our own


def of(scope: str | None) -> Element:
    return fromstring(operation_policy(scope=scope, tokens=TOKENS, caller=CALLER))  # noqa: S314 our own


def found(policy: Element, path: str) -> Element:
    element = policy.find(path)
    assert element is not None, path
    return element


def steps(policy: Element) -> list[str]:
    return [each.tag for each in found(policy, "inbound")]


def test_a_token_is_verified_before_the_scope_and_the_gateway_speaks_for_itself_last() -> None:
    assert steps(of("orders:read")) == [
        "base",
        "validate-jwt",
        "choose",
        "set-header",
        "authentication-managed-identity",
    ]


def test_a_preflight_is_answered_before_anything_else() -> None:
    assert steps(of_all(("https://shop.example",), Rate(calls=1, seconds=1)))[:3] == [
        "base",
        "cors",
        "rate-limit-by-key",
    ]


def test_a_token_is_of_the_issuer_for_the_audience_and_has_not_expired() -> None:
    verified = found(of("orders:read"), "inbound/validate-jwt")
    assert verified.attrib == {
        "header-name": "Authorization",
        "require-scheme": "Bearer",
        "require-expiration-time": "true",
        "require-signed-tokens": "true",
        "clock-skew": "30",
        "output-token-variable-name": "token",
    }
    assert found(verified, "openid-config").attrib["url"] == "https://login.example/.well-known/openid-configuration"
    assert found(verified, "audiences/audience").text == "orders & more"
    assert found(verified, "issuers/issuer").text == "https://login.example/"


def test_whoever_lacks_the_scope_gets_a_403_that_names_it() -> None:
    lacking = found(of("orders:write"), "inbound/choose/when")
    assert "Split(' ', ',').Contains(\"orders:write\")" in lacking.attrib["condition"]
    assert lacking.attrib["condition"].startswith("@(!")
    answer = found(lacking, "return-response")
    assert found(answer, "set-status").attrib["code"] == "403"
    assert problem_of(answer)["type"] == problems.INSUFFICIENT_SCOPE.uri
    assert 'scope="orders:write"' in headers_of(answer)["WWW-Authenticate"]


def test_where_no_token_is_needed_none_is_asked_for() -> None:
    assert steps(of(None)) == ["base", "authentication-managed-identity"]


@pytest.mark.parametrize("scope", ["orders:read", None])
def test_the_gateway_comes_as_its_own_identity_for_the_systems_application(scope: str | None) -> None:
    assert found(of(scope), "inbound/authentication-managed-identity").attrib == {
        "resource": "application",
        "client-id": "client",
    }


def test_what_only_the_gateway_may_say_is_taken_from_every_request() -> None:
    removed = {each.attrib["name"] for each in of_all().iterfind("inbound/set-header[@exists-action='delete']")}
    assert CLAIMS in {name.lower() for name in removed}


def test_the_claims_go_in_the_header_that_the_app_reads() -> None:
    header = found(of("orders:read"), "inbound/set-header")
    assert (header.attrib["name"].lower(), header.attrib["exists-action"]) == (CLAIMS, "override")
    assert found(header, "value").text == TOLD


def test_the_app_is_told_of_those_claims_alone_that_it_reads() -> None:
    assert re.findall(r'JProperty\("(\w+)"', TOLD) == ["sub", "tenant", "scope"]
    assert TOLD.count("{") == TOLD.count("}") == 1


def test_no_origin_reaches_the_app_so_that_cors_is_answered_once() -> None:
    removed = {each.attrib["name"] for each in of_all(("*",)).iterfind("inbound/set-header")}
    assert "Origin" in removed


def test_pages_may_call_from_the_configured_origins_without_cookies() -> None:
    cors = found(of_all(("https://a.example", "https://b.example")), "inbound/cors")
    assert cors.attrib == {"allow-credentials": "false", "terminate-unmatched-request": "false"}
    assert [each.text for each in cors.iterfind("allowed-origins/origin")] == ["https://a.example", "https://b.example"]
    assert [each.text for each in cors.iterfind("allowed-methods/method")] == ["GET", "HEAD", "POST"]
    assert "Idempotency-Key" in {each.text for each in cors.iterfind("allowed-headers/header")}
    assert found(cors, "allowed-methods").attrib == {"preflight-result-max-age": "600"}


def test_without_origins_no_page_may_call() -> None:
    assert of_all().find("inbound/cors") is None


def test_the_rate_is_that_of_all_callers_together() -> None:
    limit = found(of_all(rate=Rate(calls=40, seconds=2)), "inbound/rate-limit-by-key")
    assert limit.attrib == {"calls": "40", "renewal-period": "2", "counter-key": "@(context.Api.Id)"}


def test_the_gateway_waits_longer_than_the_function_may_take() -> None:
    assert found(of_all(), "backend/forward-request").attrib == {"timeout": "11"}


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("on-error/choose/when[1]", problems.UNAUTHORIZED),
        ("on-error/choose/when[2]", problems.TOO_MANY_REQUESTS),
        ("on-error/choose/when[3]", problems.NOT_FOUND),
        ("on-error/choose/otherwise", problems.UNAVAILABLE),
    ],
)
def test_whatever_the_gateway_refuses_is_a_problem_document(place: str, problem: problems.ProblemType) -> None:
    answer = found(of_all(), f"{place}/return-response")
    assert found(answer, "set-status").attrib["code"] == str(problem.status)
    assert problem_of(answer)["type"] == problem.uri
    assert headers_of(answer)["Content-Type"] == "application/problem+json"
    assert headers_of(answer)["X-Request-Id"] == "@(context.RequestId.ToString())"


def test_a_path_that_is_none_of_the_apis_is_told_from_what_may_succeed_later() -> None:
    conditions = [each.attrib["condition"] for each in of_all().iterfind("on-error/choose/when")]
    assert conditions[2] == '@(context.LastError.Reason == "OperationNotFound")'


def test_a_401_says_how_to_do_better() -> None:
    answer = found(of_all(), "on-error/choose/when[1]/return-response")
    assert headers_of(answer)["WWW-Authenticate"] == 'Bearer realm="orderly"'
    assert "Bearer <token>" in str(problem_of(answer)["detail"])


def problem_of(answer: Element) -> dict[str, object]:
    told: dict[str, object] = json.loads(found(answer, "set-body").text or "")
    return told


def headers_of(answer: Element) -> dict[str, str]:
    return {each.attrib["name"]: found(each, "value").text or "" for each in answer.iterfind("set-header")}
