"""What API Gateway sends becomes a request, whatever it sends, and a response becomes what it wants back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.api.dispatch import dispatch
from functions.api.messages import MAX_QUERY_FIELDS, Request, Response
from functions.entrypoints.aws.http import reply_of, request_of
from tests.unit.functions.api.shop import ORDER, Shop

Send: TypeAlias = Callable[..., dict[str, Any]]
CLAIMS = {"tenant": "acme", "sub": "ann", "scope": "orders:read orders:write"}
BODY = json.dumps(ORDER)
TRACE = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"


def http_api(**changed: object) -> dict[str, Any]:
    """A call of an HTTP API, payload 2.0."""
    return {
        "version": "2.0",
        "rawPath": "/orders",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "x-amzn-trace-id": TRACE},
        "requestContext": {
            "stage": "$default",
            "http": {"method": "POST", "path": "/orders"},
            "authorizer": {"jwt": {"claims": CLAIMS, "scopes": None}},
        },
        "body": BODY,
        "isBase64Encoded": False,
        **changed,
    }


def rest_api(*, authorizer: object = None, **changed: object) -> dict[str, Any]:
    """A call of a REST API by proxy integration, payload 1.0."""
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "X-Amzn-Trace-Id": TRACE},
        "multiValueHeaders": {"Content-Type": ["application/json"], "X-Amzn-Trace-Id": [TRACE]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"stage": "live", "path": "/live/orders", "authorizer": authorizer or {"claims": CLAIMS}},
        "body": BODY,
        "isBase64Encoded": False,
        **changed,
    }


each_gateway = pytest.mark.parametrize("sent", [http_api, rest_api], ids=["http", "rest"])


@each_gateway
def test_an_order_is_placed_through_the_gateway(sent: Send) -> None:
    reply = reply_of(dispatch(request_of(sent()), Shop().services()))
    assert (reply["statusCode"], reply["isBase64Encoded"]) == (202, False)
    assert json.loads(str(reply["body"]))["status"] == "PLACED"


@each_gateway
def test_a_request_has_what_the_gateway_sent(sent: Send) -> None:
    request = request_of(sent())
    assert (request.method, request.path, request.body) == ("POST", "/orders", BODY.encode())
    assert request.headers["content-type"] == "application/json"
    assert request.trace_id == "1-67891233-abcdef012345678912345678"


@each_gateway
def test_a_body_in_base64_is_decoded(sent: Send) -> None:
    body = base64.b64encode(b"\xff\x00{}").decode()
    assert request_of(sent(body=body, isBase64Encoded=True)).body == b"\xff\x00{}"


@each_gateway
def test_a_body_that_claims_to_be_base64_and_is_not_is_answered_as_no_json(sent: Send) -> None:
    request = request_of(sent(body="no base64!", isBase64Encoded=True))
    assert dispatch(request, Shop().services()).status == 400


@each_gateway
def test_half_of_a_surrogate_pair_is_answered_as_no_json(sent: Send) -> None:
    assert dispatch(request_of(sent(body='"\ud800"')), Shop().services()).status == 400


def test_the_query_of_an_http_api_keeps_every_value() -> None:
    assert request_of(http_api(rawQueryString="limit=1&limit=2&status=")).query == {
        "limit": ("1", "2"),
        "status": ("",),
    }


def test_the_query_of_a_rest_api_keeps_every_value() -> None:
    sent = rest_api(multiValueQueryStringParameters={"limit": ["1", "2"], "status": [""]})
    assert request_of(sent).query == {"limit": ("1", "2"), "status": ("",)}


def test_the_query_of_a_rest_api_is_cut_off_where_that_of_others_is() -> None:
    sent = rest_api(multiValueQueryStringParameters={str(number): ["x"] for number in range(100)})
    assert len(request_of(sent).query) == MAX_QUERY_FIELDS


def test_a_header_that_came_twice_has_both_values() -> None:
    sent = rest_api(headers={"X-A": "2"}, multiValueHeaders={"X-A": ["1", "2"]})
    assert request_of(sent).headers == {"x-a": "1, 2"}


def test_the_name_of_a_stage_is_not_part_of_the_path() -> None:
    sent = http_api(rawPath="/live/orders")
    sent["requestContext"]["stage"] = "live"
    assert request_of(sent).path == "/orders"


def test_a_path_that_only_begins_like_the_stage_stays_as_it_is() -> None:
    sent = http_api(rawPath="/livestock/orders")
    sent["requestContext"]["stage"] = "live"
    assert request_of(sent).path == "/livestock/orders"


@pytest.mark.parametrize(
    "event",
    [
        http_api(),
        rest_api(authorizer={"claims": CLAIMS}),
        rest_api(authorizer={**CLAIMS, "principalId": "ann", "integrationLatency": 3}),
    ],
    ids=["jwt authorizer", "cognito authorizer", "own authorizer"],
)
def test_every_authorizers_claims_are_found(event: dict[str, Any]) -> None:
    claims = request_of(event).claims
    assert claims is not None
    assert (claims["tenant"], claims["sub"]) == ("acme", "ann")
    assert claims["scope"] == ["orders:read", "orders:write"]


@each_gateway
@pytest.mark.parametrize("context", [{}, {"authorizer": None}, {"authorizer": {}}, {"authorizer": "acme"}, None])
def test_a_call_that_no_authorizer_saw_has_no_claims_and_is_refused(
    sent: Send, context: dict[str, object] | None
) -> None:
    event = sent()
    event["requestContext"] = {**(context or {}), "http": {"method": "POST"}}
    request = request_of(event)
    assert request.claims is None
    assert dispatch(request, Shop().services()).status == 401


@pytest.mark.parametrize(
    "scope", ["orderly/orders:read openid", "[orderly/orders:read openid]", ["orderly/orders:read", "openid", 7]]
)
def test_the_issuers_prefix_is_taken_off_scopes_and_those_without_it_are_dropped(scope: object) -> None:
    event = rest_api(authorizer={"claims": {**CLAIMS, "scope": scope}})
    claims = request_of(event, scope_prefix="orderly/").claims
    assert claims is not None
    assert claims["scope"] == ["orders:read"]


def test_a_scope_of_ours_without_the_prefix_allows_nothing_where_there_is_one() -> None:
    request = request_of(http_api(), scope_prefix="orderly/")
    assert dispatch(request, Shop().services()).status == 403


def test_a_response_that_is_no_text_goes_out_in_base64() -> None:
    reply = reply_of(Response(status=200, body=b"\xff\x00"))
    assert (reply["body"], reply["isBase64Encoded"]) == (base64.b64encode(b"\xff\x00").decode(), True)


def test_a_response_to_head_has_no_body() -> None:
    assert reply_of(Response(status=200, body=b"{}"), to_head=True)["body"] == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({*http_api(), *rest_api()})


@given(st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON)
def test_whatever_is_sent_gets_an_answer(event: object) -> None:
    reply = reply_of(dispatch(request_of(event), Shop().services()))
    assert reply["statusCode"] in (200, 202, 204, 400, 401, 403, 404, 405, 413, 415)


@given(st.sampled_from(FIELDS), JSON)
def test_any_field_may_be_wrong(field: str, value: object) -> None:
    for event in ({**http_api(), field: value}, {**rest_api(), field: value}):
        assert isinstance(request_of(event), Request)


@each_gateway
def test_headers_of_any_size_get_an_answer(sent: Send) -> None:
    request = request_of(sent(headers={f"x-{number}": "a" * 10_000 for number in range(100)}))
    assert dispatch(request, Shop().services()).status in (202, 415)
