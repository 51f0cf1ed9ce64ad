"""What API Management does with a request, as the XML of its policies.

`api_policy` is for all operations: CORS first, since a preflight carries no token; then the rate; then nothing is left
of what only the gateway may say. `operation_policy` verifies the token, asks for the scope, and comes to the app as the
gateway's own identity, with the token's claims in a header. Whatever the gateway refuses is a problem document.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from components.azure._refusals import REALM, on_error, problem
from functions.api import problems
from functions.api.cors import ALLOWED_HEADERS, EXPOSED_HEADERS, MAX_AGE_SECONDS

CLAIMS = "X-Orderly-Claims"
"""What the app believes, and so nobody else may send."""
LEEWAY_SECONDS = "30"
METHODS = ("GET", "HEAD", "POST")
VERIFIED = '((Jwt)context.Variables["token"])'
TOLD = f"""@{{
    var token = {VERIFIED};
    var claims = new JObject(
        new JProperty("sub", token.Subject ?? ""),
        new JProperty("tenant", token.Claims.GetValueOrDefault("tenant", "")),
        new JProperty("scope", token.Claims.GetValueOrDefault("scope", "").Replace(',', ' ')));
    var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(claims.ToString(Newtonsoft.Json.Formatting.None)));
    return text.TrimEnd('=').Replace('+', '-').Replace('/', '_');
}}"""
"""The claims that the application reads, in base64url; of one that is a list, its values with commas between."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many calls in so many seconds, whenever they come."""

    calls: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Whose tokens pass, and for whom they have to be issued; the keys are in the issuer's discovery document."""

    issuer: str
    audience: str

    @property
    def discovery(self) -> str:
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """As whom the gateway comes to the app: an identity, and the application that its tokens are for."""

    client_id: str
    application: str


def api_policy(*, origins: tuple[str, ...], rate: Rate | None, patience_seconds: int) -> str:
    policies, inbound = _policies()
    if origins:
        inbound.append(_cors(origins))
    if rate:
        whole = {"calls": str(rate.calls), "renewal-period": str(rate.seconds), "counter-key": "@(context.Api.Id)"}
        SubElement(inbound, "rate-limit-by-key", whole)
    for name in (CLAIMS, "Origin"):
        SubElement(inbound, "set-header", {"name": name, "exists-action": "delete"})
    SubElement(_section(policies, "backend"), "forward-request", {"timeout": str(patience_seconds)})
    _section(policies, "outbound", "base")
    policies.append(on_error())
    return _text(policies)


def operation_policy(*, scope: str | None, tokens: Tokens, caller: Caller) -> str:
    """`scope` None: no token is asked for."""
    policies, inbound = _policies()
    if scope:
        inbound.append(_verified(tokens))
        inbound.append(_granted(scope))
        SubElement(
            SubElement(inbound, "set-header", {"name": CLAIMS, "exists-action": "override"}), "value"
        ).text = TOLD
    SubElement(
        inbound,
        "authentication-managed-identity",
        {"resource": caller.application, "client-id": caller.client_id},
    )
    for name in ("backend", "outbound", "on-error"):
        _section(policies, name, "base")
    return _text(policies)


def _policies() -> tuple[Element, Element]:
    policies = Element("policies")
    return policies, _section(policies, "inbound", "base")


def _section(policies: Element, name: str, *inside: str) -> Element:
    section = SubElement(policies, name)
    for each in inside:
        SubElement(section, each)
    return section


def _cors(origins: tuple[str, ...]) -> Element:
    """Cookies are never allowed; a page that may not call gets no header that would let it read the answer."""
    cors = Element("cors", {"allow-credentials": "false", "terminate-unmatched-request": "false"})
    _list(cors, "allowed-origins", "origin", origins)
    methods = _list(cors, "allowed-methods", "method", METHODS)
    methods.set("preflight-result-max-age", str(MAX_AGE_SECONDS))
    _list(cors, "allowed-headers", "header", ALLOWED_HEADERS)
    _list(cors, "expose-headers", "header", EXPOSED_HEADERS)
    return cors


def _list(parent: Element, name: str, each: str, values: tuple[str, ...]) -> Element:
    found = SubElement(parent, name)
    for value in values:
        SubElement(found, each).text = value
    return found


def _verified(tokens: Tokens) -> Element:
    verified = Element(
        "validate-jwt",
        {
            "header-name": "Authorization",
            "require-scheme": "Bearer",
            "require-expiration-time": "true",
            "require-signed-tokens": "true",
            "clock-skew": LEEWAY_SECONDS,
            "output-token-variable-name": "token",
        },
    )
    SubElement(verified, "openid-config", {"url": tokens.discovery})
    _list(verified, "audiences", "audience", (tokens.audience,))
    _list(verified, "issuers", "issuer", (tokens.issuer,))
    return verified


def _granted(scope: str) -> Element:
    has = f"{VERIFIED}.Claims.GetValueOrDefault(\"scope\", \"\").Split(' ', ',').Contains({json.dumps(scope)})"
    choose = Element("choose")
    lacking = SubElement(choose, "when", {"condition": f"@(!{has})"})
    challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
    lacking.append(
        problem(
            problems.INSUFFICIENT_SCOPE,
            f"this needs the scope {scope}; ask the token's issuer for it",
            {"WWW-Authenticate": challenge},
        )
    )
    return choose


def _text(policies: Element) -> str:
    indent(policies)
    return tostring(policies, encoding="unicode")
