"""Who may do what on Google Cloud: tokens and scopes, headers that anybody can write, ways past the front, IAM."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import urllib3

from tests.e2e.api import Api, order
from tests.e2e.gcp.operating import Operator
from tests.e2e.gcp.system import GcpSystem
from tests.e2e.gcp.world.access import INVOKE
from tests.e2e.gcp.world.api_gateway import FORWARDED, USER_INFO
from tests.e2e.gcp.world.needs import DELETE
from tests.e2e.world.http import Asked

pytestmark = pytest.mark.e2e

GATEWAY = "api-gateway"
PAST_THE_FRONT: Mapping[str, list[int]] = {
    "gateway": [403, 403, 401],
    "load-balancer": [404, 404, 404],
    "direct": [401, 401, 200],
}
"""What the function's own address answers to nobody, to somebody who writes that they are somebody, and to a caller
with a token besides. Where it is the API's own address, it is the function that answers."""
INTERNAL = ("relay", "fulfil", "notify_ops", "order_tasks", "payment_tasks", "cleanup")


def forged(tenant: str) -> str:
    """What API Gateway would write of such a caller."""
    claims = {"sub": "somebody", "tenant": tenant, "scope": "orders:read orders:write", "aud": "orders"}
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def ask(url: str, method: str = "GET", **headers: str) -> urllib3.BaseHTTPResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with urllib3.PoolManager(timeout=30, retries=False) as http:
        return http.request(method, url, headers=named)


def test_a_token_without_a_routes_scope_is_refused_by_the_function(api: Api, system: GcpSystem) -> None:
    """API Gateway looks at no scope."""
    token = system.issuer.token("ours", scopes="orders:read")
    assert api.ask("GET", "/orders", token=token).status == 200
    refused = api.ask("POST", "/orders", json=order(), token=token, key="refused")
    assert (refused.status, refused.json()["type"]) == (403, "urn:orderly:problem:insufficient-scope")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_that_was_changed_anywhere_is_refused(api: Api, part: int) -> None:
    parts = api.token.split(".")
    parts[part] = parts[part][:-5] + ("A" if parts[part][-5] != "A" else "B") + parts[part][-4:]
    assert api.ask("GET", "/orders", token=".".join(parts)).status == 401


def test_a_header_that_tells_who_calls_is_believed_from_nobody(api: Api) -> None:
    order_id = api.place()
    for name in (USER_INFO, USER_INFO.upper(), FORWARDED):
        headers = {name: forged("ours") if name != FORWARDED else f"Bearer {api.token}"}
        assert api.ask("GET", f"/orders/{order_id}", token="", headers=headers).status == 401
        found = api.ask("GET", f"/orders/{order_id}", token=api.other_token, headers=headers)
        assert (found.status, found.json()["type"]) == (404, "urn:orderly:problem:not-found")
        assert api.ask("GET", f"/orders/{order_id}", headers={name: forged("theirs")}).status == 200


def test_a_path_or_method_that_is_none_of_the_apis_is_refused(api: Api) -> None:
    refused = [api.ask(*asked) for asked in (("GET", "/"), ("GET", "/orders/a/b/c"), ("DELETE", "/orders"))]
    assert [each.status for each in refused] == [404, 404, 405]
    if api.gateway == GATEWAY:
        assert [set(each.json()) for each in refused] == [{"message", "code"}] * 3


def test_nobody_gets_past_the_front_to_the_function_behind_it(
    api: Api, system: GcpSystem, operator: Operator, kind: str
) -> None:
    url = system.world.reachable(operator.function("api")["serviceConfig"]["uri"])
    pretended = {"Authorization": f"Bearer {api.token}", USER_INFO: forged("ours")}
    statuses = [ask(f"{url}/orders", **headers).status for headers in ({}, {USER_INFO: forged("ours")}, pretended)]
    assert statuses == PAST_THE_FRONT[kind]


@pytest.mark.parametrize("handler", INTERNAL)
def test_what_only_google_calls_is_not_there_for_anybody_else(
    system: GcpSystem, operator: Operator, handler: str
) -> None:
    service = system.world.cloud_run.service(operator.function(handler)["name"])
    callers = [each["member"] for each in invokers(system, service.name)]
    assert callers
    token = system.world.cloud_run.identities.token(callers[0].removeprefix("serviceAccount:"), service.url)
    url = system.world.reachable(service.url)
    assert ask(url, "POST").status == 404
    assert ask(url, "POST", Authorization=f"Bearer {token}").status == 404


def test_a_token_for_one_service_opens_no_other(system: GcpSystem, operator: Operator) -> None:
    run, notify = system.world.cloud_run, operator.function("notify_customer")["serviceConfig"]["uri"]
    archive = operator.function("archive_events")["serviceConfig"]["uri"]
    pusher, asked = operator.pusher("notify_customer"), Asked(method="POST")
    assert run.call(notify, asked, account=pusher, audience=notify).status == 400  # let in, and no message
    assert run.call(notify, asked, account=pusher, audience=archive).status == 401
    assert run.call(notify, asked, account=pusher, audience=f"{notify}/").status == 401
    assert run.call(archive, asked, account=pusher, audience=archive).status == 403


def test_each_function_is_called_by_one_account_and_the_api_by_the_front(
    api: Api, system: GcpSystem, operator: Operator
) -> None:
    by_handler = {
        function["buildConfig"]["entryPoint"]: [each["member"] for each in invokers(system, function["name"])]
        for function in system.world.records.of("cloudfunctionsv2.Function")
    }
    assert {handler: len(members) for handler, members in by_handler.items()} == dict.fromkeys(by_handler, 1)
    everybody = {handler for handler, (member,) in by_handler.items() if member == "allUsers"}
    assert everybody == (set() if api.gateway == GATEWAY else {"api"})


def test_no_account_of_the_system_may_delete_what_is_in_the_database(system: GcpSystem, operator: Operator) -> None:
    database = operator.database()
    accounts = [each["email"] for each in system.world.records.of("serviceaccount.Account")]
    assert [each for each in accounts if system.world.access.allows(each, DELETE, on=database)] == []


def invokers(system: GcpSystem, service: str) -> Iterator[Mapping[str, Any]]:
    for member in system.world.records.of("cloudrunv2.ServiceIamMember"):
        if member["name"] == service and system.world.access.allows(
            member["member"].removeprefix("serviceAccount:"), INVOKE, on=service
        ):
            yield member.values
