"""App Service before every app: access restrictions, authentication, and the host's routes to HTTP triggers.

By the documents: who is kept out by the restrictions gets 403; where authentication is on, a call without a token of
Entra for an allowed audience gets 401, one of somebody who is not allowed 403, and the headers that tell who calls are
the platform's alone. Where it is off, those headers go through, which is the worse case. An application and a
principal both have to be on the lists where there are both. What it leaves out: certificates, cookies, CORS; of the
host, prefixes, levels and methods, of which the package uses none.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from tests.azure.worker import InvocationFailedError, new_trace
from tests.e2e.azure.world.apps import App
from tests.e2e.azure.world.identities import Caller, Identities
from tests.e2e.world.http import Asked, Headers, Reply
from tests.e2e.world.records import Record, Records

PRINCIPAL, PRINCIPAL_ID = "X-MS-CLIENT-PRINCIPAL", "X-MS-CLIENT-PRINCIPAL-ID"
THE_PLATFORMS = "x-ms-client-principal"
"""What the names of its headers begin with."""
HTML = (("Content-Type", "text/html"),)


@dataclass(frozen=True, kw_only=True)
class Call:
    """`principal` is empty where nobody had to say who calls."""

    handler: str
    path: str
    principal: str
    status: int


@dataclass
class Sites:
    """`clients` gives the value of a client binding of a function; there is one for each app that has such."""

    records: Records
    identities: Identities
    apps: Mapping[str, App]
    clients: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    under_way: int = 0
    _lock: Lock = field(default_factory=Lock)

    def answer(self, app: App, asked: Asked) -> Reply:
        site = self.records.one("web.WebApp", name=app.record["name"])
        caller, refusal = self._let_in(site, asked)
        with self._noted():
            reply = refusal or self._called(app, _told(asked, caller))
        principal = caller.principal if caller else ""
        self.calls.append(Call(handler=app.handler, path=asked.path, principal=principal, status=reply.status))
        return reply

    def _let_in(self, site: Record, asked: Asked) -> tuple[Caller | None, Reply | None]:
        if site["siteConfig"].get("ipSecurityRestrictionsDefaultAction") == "Deny":
            return None, _refused(403, "Ip Forbidden")
        settings = self._settings(site)
        if settings is None or not settings["platform"]["enabled"]:
            return None, None
        if not settings["globalValidation"]["requireAuthentication"]:
            raise NotImplementedError("authentication that lets strangers in")
        entra = settings["identityProviders"]["azureActiveDirectory"]
        caller = self.identities.caller(asked)
        if caller is None or not _is_for(caller, entra):
            return None, _refused(401, "You do not have permission to view this directory or page.")
        return (caller, None) if _is_allowed(caller, entra) else (caller, _refused(403, "Forbidden"))

    def _settings(self, site: Record) -> Record | None:
        found = (each for each in self.records.of("web.WebAppAuthSettingsV2") if each.id.startswith(f"{site.id}/"))
        return next(found, None)

    def _called(self, app: App, asked: Asked) -> Reply:
        for function, binding in app.triggers("httpTrigger"):
            if _fits(binding["route"], asked.path):
                return self._invoked(app, function["name"], asked)
        return _refused(404, "Not Found")

    def _invoked(self, app: App, function: str, asked: Asked) -> Reply:
        trace = asked.header("traceparent") or new_trace()
        inputs = {"client": {"string": json.dumps(self.clients[app.handler])}} if app.handler in self.clients else {}
        try:
            reply = app.worker.ask(
                function, asked.method, asked.path, asked.body, _joined(asked.headers), traceparent=trace, **inputs
            )
        except InvocationFailedError:
            return _refused(500, "")
        return Reply(status=reply.status, headers=tuple(reply.headers.items()), body=reply.body)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        with self._lock:
            self.under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self.under_way -= 1


def _is_for(caller: Caller, entra: Mapping[str, Any]) -> bool:
    audiences = entra["validation"]["allowedAudiences"]
    return caller.issuer == entra["registration"]["openIdIssuer"] and caller.audience in audiences


def _is_allowed(caller: Caller, entra: Mapping[str, Any]) -> bool:
    """An empty list lets in everybody of the tenant."""
    policy = entra["validation"].get("defaultAuthorizationPolicy", {})
    applications = policy.get("allowedApplications") or [caller.client]
    principals = policy.get("allowedPrincipals", {}).get("identities") or [caller.principal]
    return caller.client in applications and caller.principal in principals


def _told(asked: Asked, caller: Caller | None) -> Asked:
    """What the platform writes into a request that it has looked at."""
    if caller is None:
        return asked
    names = [name for name, _ in asked.headers if name.lower().startswith(THE_PLATFORMS)]
    claims = {"auth_typ": "aad", "claims": [{"typ": "oid", "val": caller.principal}]}
    principal = base64.b64encode(json.dumps(claims).encode()).decode()
    headers = (*asked.without(*names), (PRINCIPAL_ID, caller.principal), (PRINCIPAL, principal))
    return Asked(method=asked.method, path=asked.path, headers=headers, body=asked.body)


def _fits(route: str, path: str) -> bool:
    """The two kinds of routes that the apps have: one path, and every one."""
    return route == "{*path}" or path.partition("?")[0].strip("/").lower() == route.lower()


def _joined(headers: Headers) -> Mapping[str, str]:
    """One of each name, as the host has them: several values with commas between."""
    joined: dict[str, str] = {}
    for name, value in headers:
        known = next((each for each in joined if each.lower() == name.lower()), None)
        joined[known or name] = f"{joined[known]}, {value}" if known else value
    return joined


def _refused(status: int, text: str) -> Reply:
    return Reply(status=status, headers=HTML, body=f"<html><title>{status} {text}</title></html>".encode())
