"""Policies of API Management that it refuses, or that let in what they should not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from functions.api.routes import ROUTES
from tests.azure.landscape import Landscape, callers
from tests.graph import Resource

POLICIES = ("apimanagement.ApiPolicy", "apimanagement.ApiOperationPolicy")
CLAIMS = "X-Orderly-Claims"
BY_KEY = frozenset({"rate-limit-by-key", "quota-by-key"})


def policy_that_is_no_xml(land: Landscape) -> Iterator[str]:
    for policy in land.of(*POLICIES):
        if policy.inputs.get("format") not in ("xml", "rawxml"):
            yield f"{policy.name} is in the format {policy.inputs.get('format')}"
        if _parsed(policy) is None:
            yield f"{policy.name} is no XML"


def claims_that_a_caller_may_send(land: Landscape) -> Iterator[str]:
    """The app believes the header: whatever comes from outside is taken away before anything else is done."""
    for policy in land.of("apimanagement.ApiPolicy"):
        headers = [each for each in _inbound(policy) if each.tag == "set-header" and each.get("name") == CLAIMS]
        if not any(each.get("exists-action") == "delete" for each in headers):
            yield f"{policy.name} keeps {CLAIMS} as a caller sent it"
    for policy in land.of("apimanagement.ApiOperationPolicy"):
        inbound = _inbound(policy)
        if not inbound or inbound[0].tag != "base":
            yield f"{policy.name} does not begin with what is for all operations"
        if any(each.get("exists-action") not in ("override", "delete") for each in inbound if _is_claims(each)):
            yield f"{policy.name} adds to {CLAIMS} instead of saying what it is"


def preflight_that_needs_a_token(land: Landscape) -> Iterator[str]:
    """A preflight has none; CORS is said for all operations, before anything is asked for."""
    for policy in land.of("apimanagement.ApiPolicy"):
        tags = [each.tag for each in _inbound(policy) if each.tag != "base"]
        if "cors" in tags[1:] or "validate-jwt" in tags:
            yield f"{policy.name} asks for something before it answers a preflight"
    for policy in land.of("apimanagement.ApiOperationPolicy"):
        if any(each.tag == "cors" for each in _inbound(policy)):
            yield f"{policy.name} says CORS a second time"


def operation_open_to_everybody(land: Landscape) -> Iterator[str]:
    open_paths = {route.path for route in ROUTES} - {route.path for route in ROUTES if route.scope is not None}
    policies = {last.inputs["operationId"]: last for last in land.of("apimanagement.ApiOperationPolicy")}
    for operation in land.of("apimanagement.ApiOperation"):
        policy = policies.get(operation.inputs["operationId"])
        verified = [each for each in _inbound(policy) if each.tag == "validate-jwt"] if policy else []
        if operation.inputs["urlTemplate"] not in open_paths and not any(map(_is_whole, verified)):
            yield f"{operation.name} does not ask for a token of our issuer, for us"


def gateway_not_let_in(land: Landscape) -> Iterator[str]:
    """It comes to the app as an identity that it has, and that the app lets in."""
    for api in land.of("apimanagement.Api"):
        service = land.named("apimanagement.ApiManagementService", "serviceName", api.inputs["serviceName"])
        called = re.fullmatch(r"https://([^.]+)\.azurewebsites\.net", str(api.inputs.get("serviceUrl")))
        app = land.named("web.WebApp", "name", called[1]) if called else None
        if service is None or app is None:
            yield f"{api.name} leads to {api.inputs.get('serviceUrl')}, which is not here"
        elif land.principal(service) not in callers(app):
            yield f"{api.name}: {service.name} is not let in by {app.name}"
        else:
            yield from _comes_as_another(land, api, land.client(service))


def parameter_that_is_not_said(land: Landscape) -> Iterator[str]:
    """Refused: each part of a template that varies needs a parameter, and each parameter a place."""
    for operation in land.of("apimanagement.ApiOperation"):
        in_template = set(re.findall(r"{(\w+)}", operation.inputs["urlTemplate"]))
        declared = {each["name"] for each in operation.inputs.get("templateParameters", ())}
        for name in sorted(in_template ^ declared):
            yield f"{operation.name}: {name} is in its template, or among its parameters, and not in both"


def rate_that_a_tier_cannot_limit(land: Landscape) -> Iterator[str]:
    tiers = {each.inputs["serviceName"]: each.inputs["sku"] for each in land.of("apimanagement.ApiManagementService")}
    for policy in land.of(*POLICIES):
        if tiers[policy.inputs["serviceName"]]["name"] == "Consumption":
            for each in _inbound(policy):
                if each.tag in BY_KEY:
                    yield f"{policy.name}: the tier Consumption has no {each.tag}"


def units_that_a_tier_does_not_have(land: Landscape) -> Iterator[str]:
    for service in land.of("apimanagement.ApiManagementService"):
        tier, units = service.inputs["sku"]["name"], service.inputs["sku"]["capacity"]
        if (tier == "Consumption") is not (units == 0):
            yield f"{service.name} has {units} units of the tier {tier}"


def key_that_nobody_has(land: Landscape) -> Iterator[str]:
    """By default an API asks for a subscription's key."""
    for api in land.of("apimanagement.Api"):
        if api.inputs.get("subscriptionRequired") is not False:
            yield f"{api.name} asks for a subscription's key besides a token"
        if api.inputs.get("protocols") != ["https"]:
            yield f"{api.name} answers without TLS"


def _comes_as_another(land: Landscape, api: Resource, client: str) -> Iterator[str]:
    for policy in land.of("apimanagement.ApiOperationPolicy"):
        named = [each.get("client-id") for each in _inbound(policy) if each.tag == "authentication-managed-identity"]
        if policy.inputs["apiId"] == api.inputs["apiId"] and named != [client]:
            yield f"{policy.name} does not come to the app as the gateway"


def _is_whole(verified: Element) -> bool:
    has_all = all(verified.find(path) is not None for path in ("openid-config", "audiences/audience", "issuers/issuer"))
    asked = (verified.get("require-signed-tokens", "true"), verified.get("require-expiration-time", "true"))
    return has_all and asked == ("true", "true")


def _is_claims(element: Element) -> bool:
    return element.tag == "set-header" and element.get("name") == CLAIMS


def _inbound(policy: Resource) -> list[Element]:
    found = _parsed(policy)
    inbound = found.find("inbound") if found is not None else None
    return list(inbound) if inbound is not None else []


def _parsed(policy: Resource) -> Element | None:
    try:
        return ElementTree.fromstring(policy.inputs["value"])  # noqa: S314 our own
    except ElementTree.ParseError:
        return None


RULES = (
    policy_that_is_no_xml,
    claims_that_a_caller_may_send,
    preflight_that_needs_a_token,
    operation_open_to_everybody,
    gateway_not_let_in,
    parameter_that_is_not_said,
    rate_that_a_tier_cannot_limit,
    units_that_a_tier_does_not_have,
    key_that_nobody_has,
)
