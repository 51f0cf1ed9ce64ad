"""The API behind API Gateway: an HTTP API's payload 2.0 and a REST API's proxy payload, to requests and back.

Whatever an event lacks or has wrong is read as empty, and answered as such a request is: nothing here raises. Claims
are believed, for a function is reached through its gateway only, and the gateway has verified the token.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from functions.api.dispatch import dispatch
from functions.api.messages import MAX_QUERY_FIELDS, Request, Response, parse_query
from functions.entrypoints.aws.application import application
from functions.entrypoints.aws.observed import LambdaContext, xray_trace_id
from functions.environment import Variable

DEFAULT_STAGE = "$default"
"""The only stage whose name is not in the path of an HTTP API."""


def api(event: Any, context: LambdaContext) -> Mapping[str, object]:  # noqa: ANN401 -- as the gateway sends it
    app = application()
    request = request_of(event, scope_prefix=app.environment.get(Variable.TOKEN_SCOPE_PREFIX) or "")
    return reply_of(dispatch(request, app.api), to_head=request.method == "HEAD")


def request_of(event: object, *, scope_prefix: str = "") -> Request:
    """`scope_prefix` is what the issuer writes before each scope; where it is set, other scopes are not ours."""
    sent = _object(event)
    headers = dict(_headers(sent))
    http = _object(_object(sent.get("requestContext")).get("http"))
    return Request(
        method=_text(http.get("method") or sent.get("httpMethod")).upper(),
        path=_path(sent),
        query=_query(sent),
        headers=headers,
        body=_body(sent),
        claims=_claims(sent, scope_prefix),
        trace_id=xray_trace_id(headers.get("x-amzn-trace-id", "")),
    )


def reply_of(response: Response, *, to_head: bool = False) -> Mapping[str, object]:
    """Text wherever the body is text: a REST API decodes base64 for the media types alone that it lists as binary."""
    body = b"" if to_head else response.body
    reply = {"statusCode": response.status, "headers": dict(response.headers)}
    try:
        return {**reply, "body": body.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {**reply, "body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _path(event: Mapping[str, object]) -> str:
    raw_path = event.get("rawPath")
    if raw_path is None:
        return _text(event.get("path"))
    stage = _text(_object(event.get("requestContext")).get("stage"))
    prefix = f"/{stage}/"
    if stage not in ("", DEFAULT_STAGE) and _text(raw_path).startswith(prefix):
        return _text(raw_path)[len(prefix) - 1 :]
    return _text(raw_path)


def _query(event: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    if "rawQueryString" in event:
        return parse_query(_text(event["rawQueryString"]))
    fields = list(_object(event.get("multiValueQueryStringParameters")).items())[:MAX_QUERY_FIELDS]
    return {name: _texts(values)[:MAX_QUERY_FIELDS] for name, values in fields}


def _headers(event: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """A header that was sent more than once has its values after one another, as in RFC 9110."""
    for name, value in _object(event.get("headers")).items():
        yield name.lower(), _text(value)
    for name, values in _object(event.get("multiValueHeaders")).items():
        yield name.lower(), ", ".join(_texts(values))


def _body(event: Mapping[str, object]) -> bytes:
    # Half of a surrogate pair is no UTF-8 either way, and what reads the body says so.
    body = _text(event.get("body")).encode(errors="surrogatepass")
    if event.get("isBase64Encoded") is not True:
        return body
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return b""


def _claims(event: Mapping[str, object], scope_prefix: str) -> Mapping[str, object] | None:
    """Of an HTTP API's JWT authorizer, of a REST API's Cognito authorizer, or of its own authorizer's context."""
    authorizer = _object(_object(event.get("requestContext")).get("authorizer"))
    claims = _object(authorizer.get("jwt")).get("claims") or authorizer.get("claims") or authorizer
    found = _object(claims)
    return {**found, "scope": _scopes(found.get("scope"), scope_prefix)} if found else None


def _scopes(claim: object, prefix: str) -> list[str]:
    """API Gateway writes a claim that is a list as text: `[a b]`."""
    given = [scope for scope in claim if isinstance(scope, str)] if isinstance(claim, list) else _words(_text(claim))
    return [scope.removeprefix(prefix) for scope in given if scope.startswith(prefix)]


def _words(text: str) -> list[str]:
    return text.removeprefix("[").removesuffix("]").split()


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(values: object) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()
