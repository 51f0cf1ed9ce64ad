"""What plays Google Cloud refuses what Google would: here are its refusals by themselves, on records of a few lines."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.e2e.gcp.world.access import INVOKE, PUBLISH, Access
from tests.e2e.gcp.world.api_gateway import FORWARDED, USER_INFO, ApiGateway, gateways
from tests.e2e.gcp.world.cloud_run import REMOVED, CloudRun, Origin
from tests.e2e.gcp.world.eventarc import TriggerError, triggering
from tests.e2e.gcp.world.functions import RevisionError, variables
from tests.e2e.gcp.world.identity import Identities, UnknownAccountError
from tests.e2e.gcp.world.needs import GET
from tests.e2e.world.http import Asked, Listener, Reply, ask
from tests.e2e.world.records import Records
from tests.gcp.firestore_fake import FirestoreFake

CALLER, STRANGER = "caller@shop.iam.gserviceaccount.com", "stranger@shop.iam.gserviceaccount.com"
HOST, SERVICE = "orders-1.a.run.app", "projects/shop/locations/here/services/orders"
URL = f"https://{HOST}"
ISSUER, AUDIENCE, KEYS_URL = "https://login.example/", "orders", "https://login.example/jwks.json"
DATABASE = "projects/shop/databases/orders"


def records(**made: Mapping[str, Any]) -> Records:
    """By type and identifier, as `pubsub_topic_Topic__orders`; the identifier is of no further use."""
    named = {}
    for key, values in made.items():
        token, _, identifier = key.partition("__")
        package, module, kind = token.split("_")
        identity = values.get("id", identifier)
        named[f"gcp:{package}/{module}:{kind} {identity}"] = {"id": identity, "inputs": values, "computed": {}}
    return Records(named, Path())


ACCOUNTS = {
    "serviceaccount_account_Account__caller": {"email": CALLER},
    "serviceaccount_account_Account__stranger": {"email": STRANGER},
}
MAY_CALL = {"name": "orders", "role": "roles/run.invoker", "member": f"serviceAccount:{CALLER}"}


def function(*, ingress: str = "ALLOW_ALL", at_once: int = 1, seconds: int = 5) -> dict[str, Any]:
    return {
        "buildConfig": {"entryPoint": "api"},
        "serviceConfig": {
            "uri": URL,
            "service": SERVICE,
            "ingressSettings": ingress,
            "maxInstanceRequestConcurrency": at_once,
            "maxInstanceCount": 1,
            "timeoutSeconds": seconds,
            "serviceAccountEmail": CALLER,
            "environmentVariables": {},
        },
    }


class Backend:
    """A function that keeps what it was asked, and answers when it may."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def __call__(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        self.may_answer.wait()
        return Reply(status=200)


@contextmanager
def serving(backend: Backend, **made: Mapping[str, Any]) -> Iterator[CloudRun]:
    found = records(**{**ACCOUNTS, "cloudfunctionsv2_function_Function__orders": function(), **made})
    run = CloudRun(Access(found), Identities(found))
    with Listener(backend) as listener:
        run.serve(next(found.of("cloudfunctionsv2.Function")), listener.port)
        try:
            yield run
        finally:
            backend.may_answer.set()


def test_a_grant_is_to_one_account_for_what_its_role_allows_on_one_resource() -> None:
    granted = {"topic": "orders", "role": "roles/pubsub.publisher", "member": f"serviceAccount:{CALLER}"}
    access = Access(records(pubsub_topicIAMMember_TopicIAMMember__it=granted))
    assert access.allows(CALLER, PUBLISH, on="projects/shop/topics/orders")
    assert not access.allows(CALLER, PUBLISH, on="projects/shop/topics/others")
    assert not access.allows(STRANGER, PUBLISH, on="projects/shop/topics/orders")
    assert not access.allows(CALLER, INVOKE, on=SERVICE)
    with access.denied(CALLER, PUBLISH):
        assert not access.allows(CALLER, PUBLISH, on="projects/shop/topics/orders")


def test_a_condition_confines_a_grant_on_the_project_to_what_it_names() -> None:
    granted = {
        "role": "projects/shop/roles/reads",
        "member": f"serviceAccount:{CALLER}",
        "condition": {"expression": f'resource.name == "{DATABASE}"'},
    }
    role = {"id": "projects/shop/roles/reads", "permissions": [GET]}
    access = Access(records(projects_iAMMember_IAMMember__it=granted, projects_iAMCustomRole_IAMCustomRole__it=role))
    assert access.allows(CALLER, GET, on=DATABASE)
    assert not access.allows(CALLER, GET, on=f"{DATABASE}-of-others")


def test_a_role_that_nobody_has_looked_up_is_no_role_that_allows_nothing() -> None:
    granted = {"role": "roles/owner", "member": f"serviceAccount:{STRANGER}"}
    access = Access(records(projects_iAMMember_IAMMember__it=granted))
    with pytest.raises(NotImplementedError, match="roles/owner"):
        access.allows(CALLER, GET, on=DATABASE)


def broken(asked: Asked) -> Reply:
    raise LookupError("no such record")


def asking(listener: Listener) -> int:
    with listener:
        return ask(listener.port, Asked(method="GET"), seconds=5).status


def beginning_a_body_in_chunks(listener: Listener) -> None:
    with listener, closing(HTTPConnection("127.0.0.1", listener.port, timeout=5)) as connection:
        connection.putrequest("POST", "/")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        assert connection.getresponse().status == 500


def failing_by_itself(listener: Listener) -> None:
    with listener:
        assert ask(listener.port, Asked(method="GET"), seconds=5).status == 200


def test_a_fault_of_a_stand_in_is_raised_when_it_ends() -> None:
    with pytest.raises(ExceptionGroup, match="answering failed by itself") as raised:
        asking(Listener(broken))
    assert [str(each) for each in raised.value.exceptions] == ["no such record"]


def test_a_body_that_a_stand_in_cannot_read_is_a_fault_of_it() -> None:
    backend = Backend()
    with pytest.raises(ExceptionGroup) as raised:
        beginning_a_body_in_chunks(Listener(backend))
    assert [type(each) for each in raised.value.exceptions] == [NotImplementedError]
    assert backend.asked == []


def test_what_a_test_failed_by_is_not_hidden_by_a_fault_of_a_stand_in() -> None:
    with pytest.raises(AssertionError, match="500 == 200"):
        failing_by_itself(Listener(broken))


def test_cloud_run_tells_who_is_nobody_who_is_unknown_and_who_may_not() -> None:
    backend = Backend()
    with serving(backend, cloudrunv2_serviceIamMember_ServiceIamMember__it=MAY_CALL) as run:
        unsigned = Asked(method="GET", headers=(("Authorization", "Bearer a.b.c"),))
        assert run.answer(HOST, Asked(method="GET"), Origin.INTERNET).status == 403
        assert run.answer(HOST, unsigned, Origin.INTERNET).status == 401
        assert run.call(URL, Asked(method="GET"), account=STRANGER, audience=URL).status == 403
        assert run.call(URL, Asked(method="GET"), account=CALLER, audience=f"{URL}/").status == 401
        assert backend.asked == []
        assert run.call(URL, Asked(method="GET"), account=CALLER, audience=URL).status == 200
        with pytest.raises(UnknownAccountError):
            run.call(URL, Asked(method="GET"), account="nobody@shop.iam.gserviceaccount.com", audience=URL)
    (asked,) = backend.asked
    assert asked.header("Authorization").endswith(f".{REMOVED}")
    assert (asked.header("Host"), asked.header("X-Forwarded-Proto")) == (HOST, "https")


@pytest.mark.parametrize(
    ("ingress", "origin", "status"),
    [
        ("ALLOW_ALL", Origin.INTERNET, 200),
        ("ALLOW_INTERNAL_ONLY", Origin.INTERNET, 404),
        ("ALLOW_INTERNAL_ONLY", Origin.LOAD_BALANCER, 404),
        ("ALLOW_INTERNAL_ONLY", Origin.GOOGLE, 200),
        ("ALLOW_INTERNAL_AND_GCLB", Origin.INTERNET, 404),
        ("ALLOW_INTERNAL_AND_GCLB", Origin.LOAD_BALANCER, 200),
    ],
)
def test_cloud_run_is_not_there_for_whom_its_ingress_keeps_out(ingress: str, origin: Origin, status: int) -> None:
    declared = {
        "cloudfunctionsv2_function_Function__orders": function(ingress=ingress),
        "cloudrunv2_serviceIamMember_ServiceIamMember__it": {**MAY_CALL, "member": "allUsers"},
    }
    with serving(Backend(), **declared) as run:
        assert run.answer(HOST, Asked(method="GET"), origin).status == status


def test_cloud_run_turns_away_what_finds_every_instance_full() -> None:
    backend = Backend()
    backend.may_answer.clear()
    with serving(backend, cloudrunv2_serviceIamMember_ServiceIamMember__it={**MAY_CALL, "member": "allUsers"}) as run:
        first = threading.Thread(target=run.answer, args=(HOST, Asked(method="GET"), Origin.INTERNET))
        first.start()
        while not backend.asked:
            time.sleep(0.01)
        assert run.answer(HOST, Asked(method="GET"), Origin.INTERNET).status == 429
        backend.may_answer.set()
        first.join()
        assert run.answer(HOST, Asked(method="GET"), Origin.INTERNET).status == 200


def test_a_call_ends_with_the_services_timeout_or_the_callers_patience() -> None:
    backend = Backend()
    backend.may_answer.clear()
    declared = {
        "cloudfunctionsv2_function_Function__orders": function(at_once=2, seconds=1),
        "cloudrunv2_serviceIamMember_ServiceIamMember__it": MAY_CALL,
    }
    with serving(backend, **declared) as run:
        with pytest.raises(TimeoutError):
            run.call(URL, Asked(method="GET"), account=CALLER, audience=URL, patience=0.1)
        assert run.call(URL, Asked(method="GET"), account=CALLER, audience=URL).status == 504


def test_a_function_whose_account_may_not_read_a_mounted_secret_does_not_start() -> None:
    mounted = function()
    mounted["serviceConfig"]["secretEnvironmentVariables"] = [{"key": "KEY", "secret": "hook", "version": "1"}]
    declared = {
        "secretmanager_secret_Secret__it": {"id": "projects/shop/secrets/hook", "secretId": "hook"},
        "secretmanager_secretVersion_SecretVersion__it": {
            "secret": "projects/shop/secrets/hook",
            "version": "1",
            "secretData": "value",
        },
        "cloudfunctionsv2_function_Function__orders": mounted,
    }
    reader = {
        "secretId": "hook",
        "role": "roles/secretmanager.secretAccessor",
        "member": f"serviceAccount:{CALLER}",
    }
    may, may_not = (records(**declared, secretmanager_secretIamMember_SecretIamMember__it=reader), records(**declared))
    (deployed,) = may.of("cloudfunctionsv2.Function")
    assert variables(deployed, may, Access(may))["KEY"] == "value"
    with pytest.raises(RevisionError, match="may not read"):
        variables(deployed, may_not, Access(may_not))
    mounted["serviceConfig"]["secretEnvironmentVariables"][0]["version"] = "2"
    with pytest.raises(RevisionError, match="no version 2"):
        variables(deployed, may, Access(may))


def test_a_trigger_whose_account_may_receive_no_events_is_not_made() -> None:
    declared = {
        "serviceAccount": CALLER,
        "matchingCriterias": [{"attribute": "database", "value": "orders"}],
    }
    found = records(eventarc_trigger_Trigger__it=declared)
    run = CloudRun(Access(found), Identities(found))
    with FirestoreFake() as fake, pytest.raises(TriggerError), triggering(found, Access(found), fake, run, 1.0):
        pytest.fail("it was made")


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def signed(key: ec.EllipticCurvePrivateKey, **changed: object) -> str:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "somebody", "exp": int(time.time()) + 60, **changed}
    return jwt.encode(claims, key, algorithm="ES256", headers={"kid": "1"})


@contextmanager
def gateway_before(backend: Backend, key: ec.EllipticCurvePrivateKey) -> Iterator[ApiGateway]:
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    keys = {KEYS_URL: json.dumps({"keys": [{**public, "kid": "1"}]}).encode()}
    declared: dict[str, Mapping[str, Any]] = {
        "cloudrunv2_serviceIamMember_ServiceIamMember__it": MAY_CALL,
        "apigateway_gateway_Gateway__it": {"apiConfig": "config", "defaultHostname": "orders.gateway.dev"},
        "apigateway_apiConfig_ApiConfig__config": {
            "api": "orders",
            "gatewayConfig": {"backendConfig": {"googleServiceAccount": CALLER}},
            "openapiDocuments": [{"document": {"contents": base64.b64encode(json.dumps(DOCUMENT).encode()).decode()}}],
        },
        "apigateway_api_Api__it": {"apiId": "orders", "managedService": "orders.cloud.goog"},
        "projects_service_Service__it": {"service": "orders.cloud.goog"},
    }
    with serving(backend, **declared) as run:
        (gateway,) = gateways(run.access.records, run, keys.__getitem__)
        yield gateway


DOCUMENT: Mapping[str, Any] = {
    "x-google-backend": {
        "address": URL,
        "jwt_audience": URL,
        "path_translation": "APPEND_PATH_TO_ADDRESS",
        "deadline": 5.0,
    },
    "securityDefinitions": {
        "token": {"x-google-issuer": ISSUER, "x-google-audiences": AUDIENCE, "x-google-jwks_uri": KEYS_URL}
    },
    "paths": {"/orders/{order}": {"get": {"security": [{"token": []}]}}, "/health": {"get": {}}},
}


def bearer(token: str) -> tuple[str, str]:
    return "Authorization", f"Bearer {token}"


@pytest.mark.parametrize(
    ("changed", "status", "message"),
    [
        ({"exp": 1}, 401, "Jwt is expired"),
        ({"aud": "others"}, 403, "Audiences in Jwt are not allowed"),
        ({"iss": "https://elsewhere.example/"}, 401, "Jwt issuer is not configured"),
    ],
)
def test_the_gateway_refuses_a_token_in_its_own_words(
    key: ec.EllipticCurvePrivateKey, changed: dict[str, object], status: int, message: str
) -> None:
    backend = Backend()
    with gateway_before(backend, key) as gateway:
        reply = gateway.answer(Asked(method="GET", path="/orders/1", headers=(bearer(signed(key, **changed)),)))
    assert (reply.status, json.loads(reply.body)) == (status, {"message": message, "code": status})
    assert backend.asked == []


def test_the_gateway_refuses_what_is_no_token_or_another_keys(key: ec.EllipticCurvePrivateKey) -> None:
    tokens = {
        "": "Jwt is missing",
        "abc": "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
        signed(ec.generate_private_key(ec.SECP256R1())): "Jwt verification fails",
    }
    with gateway_before(Backend(), key) as gateway:
        for token, message in tokens.items():
            reply = gateway.answer(Asked(method="GET", path="/orders/1", headers=(bearer(token),)))
            assert (reply.status, json.loads(reply.body)["message"]) == (401, message)


def test_the_gateway_refuses_a_path_and_a_method_that_its_document_does_not_have(
    key: ec.EllipticCurvePrivateKey,
) -> None:
    with gateway_before(Backend(), key) as gateway:
        asked = (("GET", "/"), ("GET", "/orders/1/2"), ("DELETE", "/orders/1"), ("OPTIONS", "/orders/1"))
        statuses = [gateway.answer(Asked(method=method, path=path)).status for method, path in asked]
    assert statuses == [404, 404, 405, 405]


def test_the_gateway_tells_the_function_whose_token_it_verified_and_nothing_that_was_forged(
    key: ec.EllipticCurvePrivateKey,
) -> None:
    backend, token = Backend(), signed(key)
    forged = ((USER_INFO, "forged"), (USER_INFO.lower(), "forged"), (FORWARDED, "forged"))
    with gateway_before(backend, key) as gateway:
        asked = Asked(method="GET", path="/orders/1?a=%2F", headers=(bearer(token), *forged))
        assert gateway.answer(asked).status == 200
        assert gateway.answer(Asked(method="GET", path="/health", headers=forged)).status == 200
    told, open_to_all = backend.asked
    assert told.path == "/orders/1?a=%2F"
    assert told.header("Authorization").endswith(REMOVED)
    found = [(name.lower(), value) for name, value in told.headers if name.lower().startswith("x-")]
    assert {name: value for name, value in found if name in (USER_INFO.lower(), FORWARDED.lower())} == {
        USER_INFO.lower(): token.split(".")[1],
        FORWARDED.lower(): f"Bearer {token}",
    }
    assert [name for name, _ in found].count(USER_INFO.lower()) == 1
    assert open_to_all.header(USER_INFO) == "forged"
