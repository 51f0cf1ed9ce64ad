"""What plays roles, tokens, App Service and API Management refuses what Azure would: here by itself, on few records."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from components.azure._policy import Caller, Rate, Tokens, api_policy, operation_policy
from components.azure._roles import Role
from tests.azure.worker import Reply as WorkersReply
from tests.conformance.azure.world_records import CALLER, STRANGER, assignment, identity, records
from tests.e2e.azure.world.access import PUBLISH, READ_BLOB, RECEIVE, SEND, WRITE_BLOB, Access
from tests.e2e.azure.world.api_management import ApiManagement, gateways
from tests.e2e.azure.world.apps import App
from tests.e2e.azure.world.identities import VERSION, Identities, UnknownIdentityError
from tests.e2e.azure.world.sites import PRINCIPAL_ID, Sites
from tests.e2e.world.http import Asked, Reply
from tests.unit.functions.api.issuer import PrivateKey, ec_key, public_jwk

QUEUE = "/s/bus/queues/orders"


def test_a_role_is_had_on_what_it_was_assigned_on_and_on_its_parts_alone() -> None:
    access = Access(records(assignment(Role.SERVICE_BUS_SENDER, "/s/bus")))
    assert access.allows(CALLER, SEND, on="/s/bus")
    assert access.allows(CALLER, SEND, on=QUEUE)
    assert not access.allows(CALLER, RECEIVE, on=QUEUE)
    assert not access.allows(STRANGER, SEND, on=QUEUE)
    assert not access.allows(CALLER, SEND, on="/s/bus-of-another")
    assert not access.allows(CALLER, SEND, on="/s")
    assert [each.on for each in access.refused] == [QUEUE, QUEUE, "/s/bus-of-another", "/s"]


def test_roles_of_ours_give_what_they_name_and_unknown_ones_raise() -> None:
    ours = ("authorization.RoleDefinition", "/roleDefinitions/ours", {"permissions": [{"dataActions": [WRITE_BLOB]}]})
    access = Access(records(ours, assignment("ours", "/c"), assignment("another", "/d")))
    assert access.allows(CALLER, WRITE_BLOB, on="/c")
    assert not access.allows(CALLER, READ_BLOB, on="/c")
    with pytest.raises(NotImplementedError, match="another"):
        access.allows(CALLER, WRITE_BLOB, on="/d")


def test_what_is_denied_meanwhile_is_refused() -> None:
    access = Access(records(assignment(Role.EVENT_GRID_SENDER, "/t")))
    with access.denied(CALLER, PUBLISH):
        assert not access.allows(CALLER, PUBLISH, on="/t")
    assert access.allows(CALLER, PUBLISH, on="/t")


APP = ("web.WebApp", "/sites/orders", {"identity": {"userAssignedIdentities": [f"/identities/{CALLER}"]}})


def test_an_app_gets_tokens_as_its_own_identity_at_the_endpoint_and_nowhere_else() -> None:
    known = records(APP, identity(CALLER), identity(STRANGER))
    identities, app = Identities(known), known.one("web.WebApp")
    header = identities.variables(app, "http://here")["IDENTITY_HEADER"]

    def asked(client: str, header: str) -> Reply:
        path = f"/msi/token?api-version={VERSION}&resource=r&client_id={client}"
        return identities.answer(Asked(method="GET", path=path, headers=(("x-identity-header", header),)))

    told = asked(f"client-of-{CALLER}", header)
    caller = identities.whose(json.loads(told.body)["access_token"])
    assert caller
    assert (caller.principal, caller.audience) == (CALLER, "r")
    assert asked(f"client-of-{STRANGER}", header).status == 400
    assert asked(f"client-of-{CALLER}", "another").status == 401
    assert Identities(known).whose(json.loads(told.body)["access_token"]) is None


@dataclass
class Backend:
    """An app that keeps what it was asked."""

    asked: list[dict[str, str]] = field(default_factory=list)

    def ask(self, function: str, method: str, path: str, body: bytes, headers: Any, **_: Any) -> WorkersReply:  # noqa: ANN401
        self.asked.append({name.lower(): value for name, value in headers.items()})
        return WorkersReply(status=200, headers={}, body=b"")


def site(
    *,
    is_open: bool = True,
    authenticates: bool = True,
    applications: str = CALLER,
    principals: str = CALLER,
    tenant: str = "tenant",
) -> tuple[Sites, App, Backend]:
    """Which lets in the application of the one and the principal of the other; `tenant` is whose the caller is."""
    config = {} if is_open else {"ipSecurityRestrictionsDefaultAction": "Deny"}
    kind, id_, values = APP
    app = (kind, id_, {**values, "name": "orders", "siteConfig": config})
    validation = {
        "allowedAudiences": ["us"],
        "defaultAuthorizationPolicy": {
            "allowedApplications": [f"client-of-{applications}"],
            "allowedPrincipals": {"identities": [principals]},
        },
    }
    issuer = "https://login.microsoftonline.com/tenant/v2.0"
    entra = {"registration": {"openIdIssuer": issuer}, "validation": validation}
    settings = {
        "platform": {"enabled": authenticates},
        "globalValidation": {"requireAuthentication": True},
        "identityProviders": {"azureActiveDirectory": entra},
    }
    known = records(
        app,
        ("web.WebAppAuthSettingsV2", f"{id_}/config/authsettingsV2", settings),
        ("logic.Workflow", "/stranger", {"identity": {"userAssignedIdentities": [f"/identities/{STRANGER}"]}}),
        identity(CALLER, tenant),
        identity(STRANGER),
    )
    backend = Backend()
    worker = SimpleNamespace(ask=backend.ask, functions=[{"name": "task", "bindings": [HTTP]}])
    played = App(
        record=known.one("web.WebApp"),
        settings={"ORDERLY_HANDLER": "task"},
        host={},
        worker=cast(Any, worker),
        principal=CALLER,
    )
    return Sites(known, Identities(known), {"task": played}), played, backend


HTTP = {"type": "httpTrigger", "route": "task"}


def called(sites: Sites, app: App, *, by: str = "", audience: str = "us", path: str = "/task", **headers: str) -> int:
    token = {}
    if by:
        owner = app.record if by == CALLER else sites.records.one("logic.Workflow")
        token = {"Authorization": f"Bearer {sites.identities.token(owner, f'client-of-{by}', audience)}"}
    sent = {**{name.replace("_", "-"): value for name, value in headers.items()}, **token}
    return sites.answer(app, Asked(method="POST", path=path, headers=tuple(sent.items()))).status


def test_app_service_lets_in_whom_it_was_told_of_and_says_who_it_is() -> None:
    sites, app, backend = site()
    assert called(sites, app, by=CALLER, x_ms_client_principal_id="forged", x_ms_client_principal="forged") == 200
    (asked,) = backend.asked
    assert asked[PRINCIPAL_ID.lower()] == CALLER
    assert "forged" not in asked.values()


def test_app_service_refuses_strangers_and_tokens_for_others() -> None:
    sites, app, backend = site()
    assert called(sites, app) == called(sites, app, x_ms_client_principal_id=CALLER) == 401
    assert called(sites, app, by=CALLER, audience="https://servicebus.azure.net") == 401
    assert called(sites, app, by=STRANGER) == 403
    assert called(sites, app, by=CALLER, path="/other") == 404
    assert backend.asked == []


@pytest.mark.parametrize(("applications", "principals"), [(CALLER, STRANGER), (STRANGER, CALLER)])
def test_app_service_wants_both_the_application_and_the_principal_on_its_lists(
    applications: str, principals: str
) -> None:
    sites, app, _ = site(applications=applications, principals=principals)
    assert [called(sites, app, by=each) for each in (CALLER, STRANGER)] == [403, 403]


def test_app_service_refuses_an_identity_of_another_tenant() -> None:
    sites, app, _ = site(tenant="another")
    assert called(sites, app, by=CALLER) == 401


def test_an_app_that_is_closed_takes_nothing_and_one_without_authentication_takes_headers_as_they_are() -> None:
    sites, app, backend = site(is_open=False)
    assert called(sites, app, by=CALLER) == 403
    sites, app, backend = site(authenticates=False)
    assert called(sites, app, x_ms_client_principal_id="forged") == 200
    assert backend.asked[0][PRINCIPAL_ID.lower()] == "forged"


ISSUER = "https://login.example/"
KEYS: Mapping[str, PrivateKey] = {"of-rsa": rsa.generate_private_key(65537, 2048), "of-a-curve": ec_key()}
SERVICE = "/service/gateway"
TOKENS = Tokens(issuer=ISSUER, audience="orders")


def fetched(url: str) -> bytes:
    if url == TOKENS.discovery:
        return json.dumps({"jwks_uri": f"{ISSUER}jwks.json"}).encode()
    return json.dumps({"keys": [public_jwk(key, key_id) for key_id, key in KEYS.items()]}).encode()


def gateway(rate: Rate | None = None) -> tuple[ApiManagement, list[Asked]]:
    """With the components' own policies, before a backend that keeps what it is asked."""
    told = Caller(client_id=f"client-of-{CALLER}", application="us")
    api = f"{SERVICE}/apis/api"
    known = records(
        (
            "apimanagement.ApiManagementService",
            SERVICE,
            {
                "gatewayUrl": "https://gateway.azure-api.net",
                "identity": {"userAssignedIdentities": {f"/identities/{CALLER}": {}}},
            },
        ),
        ("apimanagement.Api", api, {"serviceUrl": "https://app.azurewebsites.net", "subscriptionRequired": False}),
        (
            "apimanagement.ApiPolicy",
            f"{api}/policies/policy",
            {"value": api_policy(origins=("https://shop.example",), rate=rate, patience_seconds=9)},
        ),
        ("apimanagement.ApiOperation", f"{api}/operations/show", {"method": "GET", "urlTemplate": "/orders/{id}"}),
        (
            "apimanagement.ApiOperationPolicy",
            f"{api}/operations/show/policies/policy",
            {"value": operation_policy(scope="orders:read", tokens=TOKENS, caller=told)},
        ),
        identity(CALLER),
    )
    asked: list[Asked] = []

    def call(host: str, sent: Asked) -> Reply:
        asked.append(sent)
        return Reply(status=200, headers=(("X-From", host),))

    (played,) = gateways(known, Identities(known), fetched, call)
    return played, asked


def token(**claims: object) -> str:
    told = {"iss": ISSUER, "aud": "orders", "exp": 4102444800, "sub": "u", "tenant": "t", "scope": "orders:read"}
    return signed({**told, **claims}, "RS256", "of-rsa")


def signed(claims: dict[str, object], algorithm: str, key: str, *, key_id: str = "") -> str:
    return jwt.encode(claims, KEYS[key], algorithm=algorithm, headers={"kid": key_id or key})


def asks(played: ApiManagement, path: str = "/orders/1", method: str = "GET", **headers: str) -> Reply:
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return played.answer(Asked(method=method, path=path, headers=sent))


def test_the_gateway_passes_a_verified_call_on_as_itself_with_the_claims() -> None:
    played, asked = gateway()
    bearer = f"Bearer {token(scope=['orders:read', 'orders:write'])}"
    assert asks(played, Authorization=bearer, X_Orderly_Claims="forged").status == 200
    (passed,) = asked
    claims = passed.header("X-Orderly-Claims")
    assert json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))) == {
        "sub": "u",
        "tenant": "t",
        "scope": "orders:read orders:write",
    }
    caller = played.identities.caller(passed)
    assert caller
    assert (caller.principal, caller.audience) == (CALLER, "us")
    assert [value for name, value in passed.headers if name.lower() == "x-orderly-claims"] == [claims]


@pytest.mark.parametrize(
    "claims", [{"iss": "https://another.example/"}, {"aud": "another"}, {"exp": 1}, {"exp": None}], ids=str
)
def test_the_gateway_refuses_tokens_that_are_not_the_issuers_for_the_api(claims: dict[str, object]) -> None:
    played, asked = gateway()
    changed = {name: value for name, value in claims.items() if value is not None}
    written = token(**changed)
    if None in claims.values():
        written = signed({"iss": ISSUER, "aud": "orders"}, "RS256", "of-rsa")
    refused = asks(played, Authorization=f"Bearer {written}")
    assert (refused.status, json.loads(refused.body)["type"]) == (401, "urn:orderly:problem:unauthorized")
    assert asked == []


@pytest.mark.parametrize(
    ("algorithm", "key", "status"),
    [
        ("RS256", "of-rsa", 200),
        ("RS512", "of-rsa", 200),
        ("PS256", "of-rsa", 200),
        ("ES256", "of-a-curve", 200),
        ("RS384", "of-rsa", 401),
        ("PS512", "of-rsa", 401),
    ],
)
def test_the_gateway_takes_tokens_that_are_signed_as_the_documents_name_and_no_others(
    algorithm: str, key: str, status: int
) -> None:
    played, _ = gateway()
    claims = jwt.decode(token(), options={"verify_signature": False})
    assert asks(played, Authorization=f"Bearer {signed(claims, algorithm, key)}").status == status
    another = signed(claims, algorithm, key, key_id=next(each for each in KEYS if each != key))
    assert asks(played, Authorization=f"Bearer {another}").status == 401


@pytest.mark.parametrize("bearer", ["", "Bearer ", "Basic abc", "Bearer a.b.c"])
def test_the_gateway_refuses_what_is_no_token(bearer: str) -> None:
    played, asked = gateway()
    assert asks(played, **({"Authorization": bearer} if bearer else {})).status == 401
    assert asked == []


def test_the_gateway_refuses_a_scope_that_is_lacking_and_paths_that_it_does_not_have() -> None:
    played, asked = gateway()
    assert asks(played, Authorization=f"Bearer {token(scope='orders:reader')}").status == 403
    for path, method in (("/orders", "GET"), ("/orders/1/2", "GET"), ("/orders/1", "DELETE")):
        refused = asks(played, path, method, Authorization=f"Bearer {token()}")
        assert (refused.status, json.loads(refused.body)["type"]) == (404, "urn:orderly:problem:not-found")
    assert asked == []


def test_the_gateway_lets_through_as_many_calls_as_its_rate_says() -> None:
    played, asked = gateway(Rate(calls=2, seconds=3600))
    replies = [asks(played, Authorization=f"Bearer {token()}") for _ in range(3)]
    assert [each.status for each in replies] == [200, 200, 429]
    assert dict(replies[2].headers)["Retry-After"] == "1"
    assert len(asked) == 2


def test_the_gateway_answers_preflights_itself_and_tells_other_pages_nothing() -> None:
    played, asked = gateway()
    wanted = {"Access_Control_Request_Method": "GET"}
    ours = asks(played, method="OPTIONS", Origin="https://shop.example", **wanted)
    theirs = asks(played, method="OPTIONS", Origin="https://elsewhere.example", **wanted)
    assert dict(ours.headers)["Access-Control-Allow-Origin"] == "https://shop.example"
    assert (theirs.status, theirs.headers) == (200, ())
    answered = asks(played, Authorization=f"Bearer {token()}", Origin="https://shop.example")
    assert dict(answered.headers)["Access-Control-Allow-Origin"] == "https://shop.example"
    assert [each.header("Origin") for each in asked] == [""]


def test_a_policy_that_is_not_known_raises() -> None:
    played, _ = gateway()
    key = next(key for key in played.records.made if ":ApiPolicy " in key)
    inputs = played.records.made[key]["inputs"]
    inputs["value"] = inputs["value"].replace("<set-header", "<send-request /><set-header", 1)
    with pytest.raises(NotImplementedError, match="send-request"):
        asks(played, Authorization=f"Bearer {token()}")


def test_a_token_of_an_identity_that_is_not_the_gateways_is_not_to_be_had() -> None:
    played, _ = gateway()
    with pytest.raises(UnknownIdentityError):
        played.identities.token(played.service, f"client-of-{STRANGER}", "us")
