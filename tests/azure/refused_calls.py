"""Calls over HTTP that are not let in, and apps that let in more than they were told to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.azure.landscape import Landscape, callers, settings
from tests.graph import Resource

LONGEST_LIST = 500
"""Characters of all ids together (learn.microsoft.com/azure/app-service/configure-authentication-provider-aad)."""
KEYS = "ORDERLY_TOKEN_KEYS"
"""An app that is told of them verifies tokens by itself."""
ISSUER = "https://login.microsoftonline.com/"


def app_that_lets_everybody_in(land: Landscape) -> Iterator[str]:
    """Behind it is an app whose functions ask for no key."""
    for app in land.of("web.WebApp"):
        signed_in = _sign_in(land, app)
        if callers(app):
            validation = (signed_in.inputs if signed_in else {}).get("globalValidation", {})
            is_on = bool(signed_in and signed_in.inputs.get("platform", {}).get("enabled"))
            if not is_on or validation.get("requireAuthentication") is not True or validation.get("excludedPaths"):
                yield f"{app.name} does not ask its callers who they are"
            elif validation.get("unauthenticatedClientAction") != "Return401":
                yield f"{app.name} sends a caller without a token to a page to sign in"
        elif KEYS not in settings(app) and _restrictions(app) != "Deny":
            yield f"{app.name} is called by nobody, and can be reached by everybody"


def caller_besides_those_granted(land: Landscape) -> Iterator[str]:
    """An empty list lets in the whole tenant; both lists are looked at."""
    for app in land.of("web.WebApp"):
        signed_in = _sign_in(land, app)
        if signed_in is None:
            continue
        policy = _entra(signed_in).get("validation", {}).get("defaultAuthorizationPolicy", {})
        principals = set(policy.get("allowedPrincipals", {}).get("identities", ()))
        applications = set(policy.get("allowedApplications", ()))
        granted = [land.by_principal(each) for each in callers(app)]
        if not callers(app) or principals != callers(app):
            yield f"{app.name} lets in other identities than its setting says"
        if applications != {str(each.state["clientId"]) for each in granted if each}:
            yield f"{app.name} lets in other applications than its callers"


def list_of_callers_too_long(land: Landscape) -> Iterator[str]:
    for signed_in in land.of("web.WebAppAuthSettingsV2"):
        policy = _entra(signed_in).get("validation", {}).get("defaultAuthorizationPolicy", {})
        for named in (policy.get("allowedApplications", ()), policy.get("allowedPrincipals", {}).get("identities", ())):
            if len(",".join(named)) > LONGEST_LIST:
                yield f"{signed_in.name} names {len(named)} callers; there is room for {LONGEST_LIST} characters"


def token_of_another_tenant(land: Landscape) -> Iterator[str]:
    """Of a token of version 1 the issuer is another one."""
    for signed_in in land.of("web.WebAppAuthSettingsV2"):
        entra = _entra(signed_in)
        registration, audiences = entra.get("registration", {}), entra.get("validation", {}).get("allowedAudiences", ())
        issuer = str(registration.get("openIdIssuer", ""))
        if not (issuer.startswith(ISSUER) and issuer.endswith("/v2.0")):
            yield f"{signed_in.name} believes the issuer {issuer}; tokens are of {ISSUER}<tenant>/v2.0"
        if registration.get("clientId") not in audiences:
            yield f"{signed_in.name} does not take tokens that are for {registration.get('clientId')}"


def code_before_its_callers_are_told_apart(land: Landscape) -> Iterator[str]:
    for package in land.graph.of("Package").values():
        signed_in = land.named("web.WebAppAuthSettingsV2", "name", package.inputs["app"])
        if signed_in is not None and not land.graph.comes_after(package, signed_in):
            yield f"{package.name} is published before it asks its callers who they are"


def task_not_let_in(land: Landscape) -> Iterator[str]:
    """401 or 403 at each step; the saga is undone."""
    for app in land.of("web.WebApp"):
        tasks: dict[str, str] = json.loads(settings(app).get("ORDERLY_TASKS", "{}"))
        for task, url in tasks.items():
            yield from _not_let_in(land, app, url, f"performs {task}")


def start_not_let_in(land: Landscape) -> Iterator[str]:
    for app in land.of("web.WebApp"):
        if "ORDERLY_WORKFLOW" in settings(app):
            yield from _not_let_in(land, app, settings(app)["ORDERLY_WORKFLOW"], "starts runs")


def call_without_an_audience(land: Landscape) -> Iterator[str]:
    """What a token is asked for."""
    for app in land.of("web.WebApp"):
        is_calling = settings(app).keys() & {"ORDERLY_TASKS", "ORDERLY_WORKFLOW"}
        if is_calling and not settings(app).get("ORDERLY_AUDIENCE"):
            yield f"{app.name} calls others, and is not told what for a token has to be"


def _not_let_in(land: Landscape, caller: Resource, url: str, does: str) -> Iterator[str]:
    host = urlsplit(url).hostname or ""
    called = land.named("web.WebApp", "name", host.removesuffix(".azurewebsites.net"))
    if called is None:
        yield f"{caller.name} calls {host}, which is not here"
    elif land.principal(caller) not in callers(called):
        yield f"{caller.name} is not let in by {called.name}, which {does}"


def _sign_in(land: Landscape, app: Resource) -> Resource | None:
    return land.named("web.WebAppAuthSettingsV2", "name", app.inputs["name"])


def _entra(signed_in: Resource) -> Mapping[str, Any]:
    found: Mapping[str, Any] = signed_in.inputs.get("identityProviders", {}).get("azureActiveDirectory", {})
    return found


def _restrictions(app: Resource) -> object:
    return app.inputs.get("siteConfig", {}).get("ipSecurityRestrictionsDefaultAction")


RULES = (
    app_that_lets_everybody_in,
    caller_besides_those_granted,
    list_of_callers_too_long,
    token_of_another_tenant,
    code_before_its_callers_are_told_apart,
    task_not_let_in,
    start_not_let_in,
    call_without_an_audience,
)
