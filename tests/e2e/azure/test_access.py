"""Who may do what on Azure: tokens and scopes, headers that anybody can write, ways past the front, roles."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import jwt
import pytest
import urllib3

from tests.e2e.api import Api, order
from tests.e2e.azure.operating import Operator
from tests.e2e.azure.system import AzureSystem
from tests.e2e.azure.world.access import DELETE_ITEM, READ_BLOB
from tests.e2e.azure.world.identities import VERSION, UnknownIdentityError
from tests.e2e.azure.world.sites import PRINCIPAL_ID
from tests.e2e.world.http import Asked
from tests.e2e.world.records import Record

pytestmark = pytest.mark.e2e

CLAIMS = "X-Orderly-Claims"
PAST_THE_FRONT: Mapping[str, list[int]] = {
    "consumption": [401, 401, 401],
    "basic": [401, 401, 401],
    "direct": [401, 401, 200],
}
"""What the app's own address answers to nobody, to somebody who writes that they are somebody, and to a caller with a
token besides. Where it is the API's own address, it is the function that answers."""
NEVER_CALLED = ("relay", "fulfil", "project_demand", "notify_customer", "archive_events", "cleanup")
CALLERS: Mapping[str, str] = {
    "workflow": "fulfil",
    "order_tasks": "workflow",
    "inventory_tasks": "workflow",
    "payment_tasks": "workflow",
    "delivery_tasks": "workflow",
}
"""By the handler of an app, that of the one app that may call it."""
PATHS: Mapping[str, str] = {"workflow": "/runs"}


def forged(tenant: str) -> str:
    """What the gateway would write of such a caller."""
    claims = {"sub": "somebody", "tenant": tenant, "scope": "orders:read orders:write"}
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def ask(url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> urllib3.BaseHTTPResponse:
    with urllib3.PoolManager(timeout=30, retries=False) as http:
        return http.request(method, url, headers=dict(headers or {}))


def pretending(operator: Operator) -> str:
    """The principal that the API's app believes, of the gateway if there is one."""
    return operator.app("api").settings.get("ORDERLY_CALLERS", "somebody")


def test_a_token_without_a_routes_scope_is_refused(api: Api, system: AzureSystem) -> None:
    token = system.issuer.token("ours", scopes="orders:read")
    assert api.ask("GET", "/orders", token=token).status == 200
    refused = api.ask("POST", "/orders", json=order(), token=token, key="refused")
    assert (refused.status, refused.json()["type"]) == (403, "urn:orderly:problem:insufficient-scope")
    assert 'scope="orders:write"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_is_believed_whichever_key_of_its_issuer_has_signed_it(
    api: Api, system: AzureSystem, algorithm: str
) -> None:
    token = system.issuer.token("ours", algorithm=algorithm)
    assert jwt.get_unverified_header(token)["alg"] == algorithm
    assert api.ask("GET", "/orders", token=token).status == 200


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_that_was_changed_anywhere_is_refused(api: Api, part: int) -> None:
    parts = api.token.split(".")
    parts[part] = parts[part][:-5] + ("A" if parts[part][-5] != "A" else "B") + parts[part][-4:]
    assert api.ask("GET", "/orders", token=".".join(parts)).status == 401


def test_a_header_that_tells_who_calls_is_believed_from_nobody(api: Api, operator: Operator) -> None:
    order_id = api.place()
    for name in (CLAIMS, CLAIMS.upper(), CLAIMS.lower()):
        headers = {name: forged("ours"), PRINCIPAL_ID: pretending(operator)}
        assert api.ask("GET", f"/orders/{order_id}", token="", headers=headers).status == 401
        found = api.ask("GET", f"/orders/{order_id}", token=api.other_token, headers=headers)
        assert (found.status, found.json()["type"]) == (404, "urn:orderly:problem:not-found")
        assert api.ask("GET", f"/orders/{order_id}", headers={name: forged("theirs")}).status == 200


def test_a_path_or_method_that_is_none_of_the_apis_is_refused(api: Api) -> None:
    refused = [api.ask(*asked) for asked in (("GET", "/"), ("GET", "/orders/a/b/c"), ("DELETE", "/orders"))]
    wrong_method = 404 if api.gateway else 405
    assert [each.status for each in refused] == [404, 404, wrong_method]
    assert {each.headers["Content-Type"] for each in refused} == {"application/problem+json"}


def test_nobody_gets_past_the_front_to_the_app_behind_it(
    api: Api, system: AzureSystem, operator: Operator, kind: str
) -> None:
    url = system.world.reachable(f"https://{operator.app('api').hostname}")
    forging = {PRINCIPAL_ID: pretending(operator), CLAIMS: forged("ours")}
    signed_in = {"Authorization": f"Bearer {api.token}", **forging}
    statuses = [ask(f"{url}/orders", headers=headers).status for headers in ({}, forging, signed_in)]
    assert statuses == PAST_THE_FRONT[kind]


@pytest.mark.parametrize("handler", NEVER_CALLED)
def test_an_app_that_nobody_calls_takes_no_request_from_anybody(
    system: AzureSystem, operator: Operator, handler: str
) -> None:
    app = operator.app(handler)
    url = system.world.reachable(f"https://{app.hostname}")
    token = token_of(system, app.record, app.settings.get("ORDERLY_AUDIENCE", audience(operator)))
    for headers in ({}, {"Authorization": f"Bearer {token}"}):
        assert ask(url, "POST", headers).status == 403
        assert ask(f"{url}/admin/functions/{handler}", "POST", headers).status == 403


@pytest.mark.parametrize("handler", CALLERS)
def test_an_app_lets_in_the_one_app_that_was_granted_it_and_no_other(
    system: AzureSystem, operator: Operator, handler: str
) -> None:
    url = system.world.reachable(f"https://{operator.app(handler).hostname}") + PATHS.get(handler, "/task")
    assert ask(url, "POST").status == 401
    assert ask(url, "POST", {PRINCIPAL_ID: operator.principal(CALLERS[handler])}).status == 401
    for name, app in operator.system.world.apps.items():
        token = token_of(system, app.record, audience(operator))
        answer = ask(url, "POST", {"Authorization": f"Bearer {token}", PRINCIPAL_ID: "somebody"})
        by_the_platform = (answer.status, answer.headers["Content-Type"]) == (403, "text/html")
        assert by_the_platform is (name != CALLERS[handler]), (name, answer.status, answer.data)


def test_a_token_for_a_service_of_azures_opens_no_app(system: AzureSystem, operator: Operator) -> None:
    url = system.world.reachable(f"https://{operator.app('workflow').hostname}") + "/runs"
    for resource in ("https://servicebus.azure.net", "https://storage.azure.com", "orders"):
        token = token_of(system, operator.app("fulfil").record, resource)
        assert ask(url, "POST", {"Authorization": f"Bearer {token}"}).status == 401


def test_an_app_gets_no_token_as_another_apps_identity(system: AzureSystem, operator: Operator) -> None:
    fulfil, relay = operator.app("fulfil"), operator.app("relay")
    with pytest.raises(UnknownIdentityError):
        system.world.identities.token(fulfil.record, relay.settings["AZURE_CLIENT_ID"], "r")
    path = f"/msi/token?api-version={VERSION}&resource=r&client_id={relay.settings['AZURE_CLIENT_ID']}"
    header = system.world.identities.variables(fulfil.record, "http://there")["IDENTITY_HEADER"]
    asked = Asked(method="GET", path=path, headers=(("X-Identity-Header", header),))
    assert system.world.identities.answer(asked).status == 400
    assert system.world.identities.answer(Asked(method="GET", path=path)).status == 401


def test_nobody_may_delete_what_is_in_the_database_but_leases(system: AzureSystem, operator: Operator) -> None:
    account = system.world.records.one("cosmosdb.DatabaseAccount")
    may = {
        (container["containerName"], identity["principalId"])
        for container in system.world.records.of("cosmosdb.SqlResourceSqlContainer")
        for identity in system.world.records.of("managedidentity.UserAssignedIdentity")
        if system.world.access.allows(
            identity["principalId"],
            DELETE_ITEM,
            on=f"{account.id}/dbs/{container['databaseName']}/colls/{container['containerName']}",
        )
    }
    assert may == {("leases", operator.principal("relay"))}


def test_nobody_may_read_the_archive(system: AzureSystem) -> None:
    archive = system.world.records.one("storage.BlobContainer", containerName="event-archive")
    identities = system.world.records.of("managedidentity.UserAssignedIdentity")
    assert [
        each["principalId"]
        for each in identities
        if system.world.access.allows(each["principalId"], READ_BLOB, on=archive.id)
    ] == []


def audience(operator: Operator) -> str:
    """Of a call from app to app."""
    return operator.app("fulfil").settings["ORDERLY_AUDIENCE"]


def token_of(system: AzureSystem, app: Record, resource: str) -> str:
    (client_id,) = (each["value"] for each in app["siteConfig"]["appSettings"] if each["name"] == "AZURE_CLIENT_ID")
    return system.world.identities.token(app, client_id, resource)
