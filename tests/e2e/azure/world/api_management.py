"""API Management: the operations that were recorded, each with its policies, before the app that it calls as itself.

By the documents: an operation is found by method and path, else 404; a preflight for a method that has an operation is
answered by the policy `cors`, with no header to a page that may not call; `validate-jwt` fetches the issuer's keys by
its discovery document; whatever goes wrong goes on in `on-error`, also when there is no such operation. A backend is
called with a token of the gateway's own identity. What it leaves out: products, subscriptions, caches, the portal, and
that on the tier Consumption some policies are refused, which the rules of tests/azure see.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import jwt

from tests.e2e.azure.world.cors import cors
from tests.e2e.azure.world.identities import Identities
from tests.e2e.azure.world.policies import NOTHING, Context, Policies, attribute, holds, texts, value
from tests.e2e.world.http import Asked, Headers, Reply
from tests.e2e.world.records import Record, Records

ALGORITHMS = ("PS256", "RS256", "RS512", "ES256")
"""Whose keys an issuer may publish, as the policy's document of February 2026 says (learn.microsoft.com/azure
/api-management/validate-jwt-policy). That of March 2024 has no ES256 yet, and those before it RS256 alone."""
PARAMETER = re.compile(r"\{[^/}]+\}")
NOT_FOUND = b'{ "statusCode": 404, "message": "Resource not found" }'
JSON: Headers = (("Content-Type", "application/json"),)


class FailedError(Exception):
    """What `context.LastError` has, and what is answered where no policy answers otherwise."""

    def __init__(self, source: str, reason: str, status: int) -> None:
        super().__init__(f"{source}: {reason}")
        self.source, self.reason, self.status = source, reason, status


class _Answered(Exception):  # noqa: N818 -- it ends a pipeline, and is no error
    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


@dataclass
class ApiManagement:
    """`fetch` gets a document of the internet, `call` the answer of a host of the world."""

    service: Record
    api: Record
    records: Records
    identities: Identities
    fetch: Callable[[str], bytes]
    call: Callable[[str, Asked], Reply]
    _counted: dict[str, tuple[float, int]] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return str(urlsplit(self.service["gatewayUrl"]).hostname)

    def answer(self, asked: Asked) -> Reply:
        context, operation = Context(request_id=str(uuid.uuid4())), self._operation(asked)
        policies = self._policies(operation)
        for_pages = cors(policies, asked)
        if asked.method == "OPTIONS" and asked.header("Access-Control-Request-Method") and asked.header("Origin"):
            return Reply(status=200, headers=for_pages)
        try:
            reply = self._through(policies, operation, asked, context)
        except _Answered as answered:
            reply = answered.reply
        return Reply(status=reply.status, headers=(*reply.headers, *for_pages), body=reply.body)

    def _through(self, policies: Policies, operation: Record | None, asked: Asked, context: Context) -> Reply:
        try:
            if operation is None:
                raise FailedError("configuration", "OperationNotFound", 404)
            for policy in policies.section("inbound"):
                self._apply(policy, asked, context)
            (forward,) = policies.section("backend")
            reply = self._forward(forward, asked, context)
            for policy in policies.section("outbound"):
                self._apply(policy, asked, context)
        except FailedError as error:
            context.error_source, context.error_reason = error.source, error.reason
            for policy in policies.section("on-error"):
                self._apply(policy, asked, context)
            body = NOT_FOUND if error.status == 404 else json.dumps({"statusCode": error.status}).encode()
            return Reply(status=error.status, headers=JSON, body=body)
        return reply

    def _operation(self, asked: Asked) -> Record | None:
        """Of a preflight, the one that the page would call; None where there is none."""
        wanted = asked.header("Access-Control-Request-Method") if asked.method == "OPTIONS" else asked.method
        path = asked.path.partition("?")[0]
        for operation in self.records.of("apimanagement.ApiOperation"):
            template = "[^/]+".join(map(re.escape, PARAMETER.split(operation["urlTemplate"])))
            is_of_this = operation.id.startswith(f"{self.api.id}/") and operation["method"] == wanted
            if is_of_this and re.fullmatch(template + "/?", path):
                return operation
        return None

    def _policies(self, operation: Record | None) -> Policies:
        def of(kind: str, owner: str) -> str:
            found = (each for each in self.records.of(kind) if each.id.startswith(f"{owner}/policies/"))
            return next((str(each["value"]) for each in found), NOTHING)

        of_api = of("apimanagement.ApiPolicy", self.api.id)
        return Policies(of_api, of("apimanagement.ApiOperationPolicy", operation.id) if operation else "")

    def _apply(self, policy: Element, asked: Asked, context: Context) -> None:
        played = self._plays.get(policy.tag)
        if played is None:
            raise NotImplementedError(f"a policy that the tests do not play: {policy.tag}")
        played(policy, asked, context)

    @cached_property
    def _plays(self) -> Mapping[str, Callable[[Element, Asked, Context], None]]:
        """What `cors` has to say is known before."""
        return {
            "cors": lambda policy, asked, context: None,
            "set-header": lambda policy, asked, context: _set_header(policy, context),
            "validate-jwt": self._verify,
            "choose": self._choose,
            "return-response": _return,
            "authentication-managed-identity": self._sign,
            "rate-limit-by-key": lambda policy, asked, context: self._count(policy),
        }

    def _choose(self, policy: Element, asked: Asked, context: Context) -> None:
        for chosen in _chosen(policy, context):
            self._apply(chosen, asked, context)

    def _sign(self, policy: Element, asked: Asked, context: Context) -> None:
        token = self.identities.token(self.service, policy.attrib["client-id"], policy.attrib["resource"])
        context.sent["authorization"] = f"Bearer {token}"

    def _count(self, policy: Element) -> None:
        if policy.attrib["counter-key"] != "@(context.Api.Id)":
            raise NotImplementedError(f"a counter of {policy.attrib['counter-key']}")
        began, calls = self._counted.get(self.api.id, (0.0, 0))
        if time.monotonic() - began >= float(policy.attrib["renewal-period"]):
            began, calls = time.monotonic(), 0
        if calls >= int(policy.attrib["calls"]):
            raise FailedError("rate-limit-by-key", "RateLimitExceeded", 429)
        self._counted[self.api.id] = (began, calls + 1)

    def _verify(self, policy: Element, asked: Asked, context: Context) -> None:
        scheme, _, token = asked.header(policy.attrib["header-name"]).partition(" ")
        if scheme.lower() != policy.attrib["require-scheme"].lower() or not token:
            raise FailedError("validate-jwt", "TokenNotPresent", 401)
        discovery = json.loads(self.fetch(attribute(policy, "openid-config", "url")))
        try:
            context.verified = jwt.decode(
                token,
                self._key(token, discovery["jwks_uri"]),
                ALGORITHMS,
                audience=texts(policy, "audiences/audience"),
                issuer=texts(policy, "issuers/issuer"),
                leeway=float(policy.attrib["clock-skew"]),
                options={"require": ["exp"] if policy.attrib["require-expiration-time"] == "true" else []},
            )
        except (jwt.InvalidTokenError, TypeError) as error:  # the latter for a key of another kind
            raise FailedError("validate-jwt", type(error).__name__, 401) from None

    def _key(self, token: str, keys_url: str) -> Any:  # noqa: ANN401 of whatever kind it is
        wanted = jwt.get_unverified_header(token).get("kid")
        for key in jwt.PyJWKSet.from_dict(json.loads(self.fetch(keys_url))).keys:
            if key.key_id == wanted:
                return key.key
        raise FailedError("validate-jwt", "TokenSignatureKeyNotFound", 401)

    def _forward(self, policy: Element, asked: Asked, context: Context) -> Reply:
        if policy.tag != "forward-request":
            raise NotImplementedError(f"a policy that the tests do not play: {policy.tag}")
        backend = str(urlsplit(self.api["serviceUrl"]).hostname)
        headers = (*asked.without("Host", *context.sent), ("Host", backend))
        set_ = tuple((name, text) for name, text in context.sent.items() if text)
        return self.call(
            backend, Asked(method=asked.method, path=asked.path, headers=(*headers, *set_), body=asked.body)
        )


def _chosen(policy: Element, context: Context) -> Iterator[Element]:
    for branch in policy:
        if branch.tag == "otherwise" or holds(branch.attrib["condition"], context):
            return iter(branch)
    return iter(())


def _set_header(policy: Element, context: Context) -> None:
    name, action = policy.attrib["name"].lower(), policy.attrib["exists-action"]
    if action not in ("delete", "override"):
        raise NotImplementedError(f"a header to {action}")
    context.sent[name] = "" if action == "delete" else value(str(policy.findtext("value")), context)


def _return(policy: Element, asked: Asked, context: Context) -> None:
    headers = tuple(
        (each.attrib["name"], value(str(each.findtext("value")), context)) for each in policy.iter("set-header")
    )
    status = int(attribute(policy, "set-status", "code"))
    raise _Answered(Reply(status=status, headers=headers, body=str(policy.findtext("set-body")).encode()))


def gateways(
    records: Records, identities: Identities, fetch: Callable[[str], bytes], call: Callable[[str, Asked], Reply]
) -> Iterator[ApiManagement]:
    for service in records.of("apimanagement.ApiManagementService"):
        (api,) = (each for each in records.of("apimanagement.Api") if each.id.startswith(f"{service.id}/"))
        if api["subscriptionRequired"]:
            raise NotImplementedError("an API that wants a key")
        yield ApiManagement(service, api, records, identities, fetch, call)
