"""The functions as Google runs them: the built archive under functions-framework and gunicorn, called over HTTP.

Firestore and Workflows are fakes of our own there, Pub/Sub is Google's.
"""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.events.cloud.firestore import Document, DocumentEventData, Value

from functions.api.bodies import MAX_BODY_BYTES
from functions.codec import decode_event, encode_event
from functions.entrypoints.gcp.relay import CREATED
from functions.environment import Variable
from tests.conformance.gcp.pulling import held, topic_held_by
from tests.gcp.executions_fake import ExecutionsFake
from tests.gcp.firestore_fake import FirestoreFake
from tests.gcp.functions_framework import RunningFunction
from tests.gcp.pubsub.server import Pstest
from tests.gcp.unpacked import addresses
from tests.served import free_port
from tests.unit.functions.api.shop import CLAIMS, ORDER
from tests.unit.functions.entrypoints.gcp.calls import TRACE_ID, push
from tests.unit.functions.orders import placed

PROJECT = "orderly-test"
WORKFLOW = f"projects/{PROJECT}/locations/europe-west1/workflows/order"
VARIABLES = {
    Variable.PROJECT: PROJECT,
    Variable.DATABASE: "orders",
    Variable.STAGE: "dev",
    Variable.WORKFLOW: WORKFLOW,
    Variable.IDEMPOTENCY_HOURS: "24",
    Variable.EXPIRE_AFTER_HOURS: "24",
    Variable.HIGH_VALUE_MINOR: "10000",
    Variable.CURRENCIES: "EUR",
    Variable.MAX_TOTAL_MINOR: "1000000",
    Variable.CORS_ORIGINS: "https://shop.example",
}
BODY = json.dumps(ORDER).encode()
USER = {"x-apigateway-api-userinfo": base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).decode().rstrip("=")}
JSON = {"content-type": "application/json"}
_, (PLACED,) = placed()


@contextmanager
def running(
    target: str,
    folder: Path,
    *,
    firestore: str = "",
    pubsub: str = "",
    executions: str = "",
    bus: str = "",
    dead_letters: str = "",
) -> Iterator[RunningFunction]:
    variables = {
        **{str(name): value for name, value in VARIABLES.items()},
        Variable.EVENT_BUS: bus,
        Variable.DEAD_LETTERS: dead_letters,
        **addresses(firestore=firestore, pubsub=pubsub, executions=executions),
    }
    with RunningFunction(target, folder, variables) as function:
        yield function


@pytest.fixture(scope="module")
def firestore() -> Iterator[FirestoreFake]:
    with FirestoreFake() as fake:
        yield fake


@pytest.fixture(scope="module")
def api(folder: Path, firestore: FirestoreFake) -> Iterator[RunningFunction]:
    with running("api", folder, firestore=firestore.address) as function:
        yield function


def lines(function: RunningFunction) -> list[dict[str, Any]]:
    """Each must be an object: Cloud Logging reads no other."""
    return [json.loads(line) for line in function.logged()]


def test_an_order_is_placed_and_shown(api: RunningFunction) -> None:
    traced = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}
    reply = api.ask("POST", "/orders", BODY, {**JSON, **USER, **traced})
    assert (reply.status, reply.headers["x-request-id"]) == (202, TRACE_ID)
    shown = api.ask("GET", reply.headers["location"], headers=USER)
    assert (shown.status, json.loads(shown.body)["status"]) == (200, "PLACED")
    line = next(line for line in lines(api) if line["message"] == "request answered" and line["status"] == 202)
    assert line["logging.googleapis.com/trace"] == f"projects/{PROJECT}/traces/{TRACE_ID}"
    assert (line["severity"], line["function"], line["tenant"]) == ("INFO", "api", "acme")


def test_a_preflight_is_answered_by_the_function(api: RunningFunction) -> None:
    asked = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    reply = api.ask("OPTIONS", "/orders", headers=asked)
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (204, "https://shop.example")
    assert "content-type" not in reply.headers


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/health", b"", {}, 200),
        ("HEAD", "/health", b"", {}, 200),
        ("GET", "/orders", b"", {}, 401),
        ("GET", "/orders", b"", {"authorization": "Bearer x", "x-apigateway-api-userinfo": "!"}, 401),
        ("GET", "/orders?limit=nine", b"", USER, 400),
        ("GET", "/orders/a%2Fb", b"", USER, 404),
        ("GET", "/orders/%ff%00", b"", USER, 404),
        ("BREW", "/orders", b"", USER, 405),
        ("POST", "/orders", BODY, USER, 415),
        ("POST", "/orders", b"", {**USER, **JSON}, 400),
        ("POST", "/orders", b"\xff\xfe", {**USER, **JSON}, 400),
        ("POST", "/orders", b"[" * 60_000, {**USER, **JSON}, 400),
        ("POST", "/orders", b"x" * (MAX_BODY_BYTES + 1), {**USER, **JSON}, 413),
        ("POST", "/orders", b"x" * 8_000_000, {**USER, **JSON}, 413),
    ],
)
def test_whatever_a_caller_sends_is_answered_as_theirs(
    api: RunningFunction, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    reply = api.ask(method, path, body, headers)
    assert reply.status == status
    assert b"Traceback" not in reply.body
    if status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"


MORE_TO_COME = {
    "a length": (f"Content-Length: {len(BODY) + 1}\r\n\r\n".encode(), BODY),
    "chunks": (b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (len(BODY), BODY)),
}
"""How a request says that its body is longer than what arrives, which is JSON all the same."""


@pytest.mark.parametrize("announced", MORE_TO_COME)
def test_a_body_that_was_cut_off_is_refused_and_nothing_is_done(
    api: RunningFunction, firestore: FirestoreFake, announced: str
) -> None:
    firestore.calls.clear()
    length, body = MORE_TO_COME[announced]
    headers = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "orders", **JSON, **USER}.items())
    answer = sent_as_it_is(api, f"POST /orders HTTP/1.1\r\n{headers}".encode() + length + body)
    assert (answer.split()[1], b"the body ended before it was whole" in answer) == (b"400", True)
    assert firestore.calls == []


def sent_as_it_is(function: RunningFunction, request: bytes) -> bytes:
    """What is answered to a caller that says no more after it."""
    with socket.create_connection(("127.0.0.1", function.port), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_no_line_of_the_log_is_a_traceback_by_itself(api: RunningFunction) -> None:
    assert not [line for line in lines(api) if line["severity"] not in ("INFO", "WARNING")]


def test_the_relay_publishes_what_was_written(
    folder: Path, api: RunningFunction, firestore: FirestoreFake, pstest: Pstest
) -> None:
    bus, held_there = topic_held_by(pstest, "bus")
    created: list[tuple[str, bytes]] = []
    firestore.listen(
        lambda document: created.append((document.path, _as_eventarc_tells(document.path, document.fields)))
    )
    api.ask("POST", "/orders", BODY, {**JSON, **USER})
    ((path, document),) = [each for each in created if "/events/" in each[0]]
    with running("relay", folder, pubsub=pstest.address, bus=bus, dead_letters=bus) as relay:
        told = {"ce-type": CREATED, "ce-id": "1", "ce-document": path, "ce-time": "2026-01-02T12:00:00Z"}
        assert relay.ask("POST", "/", document, {"content-type": "application/protobuf", **told}).status == 204
        assert relay.ask("POST", "/", document, JSON).status == 400
    (message,) = held(pstest, held_there)
    event = decode_event(message.data)
    assert path == f"users/acme/orders/{event.order_id}/events/000001"
    assert dict(message.attributes) == {
        "event_type": "order.placed",
        "tenant": "acme",
        "tier": "standard",
        "total_minor": "3998",
        "currency": "EUR",
    }


def test_the_relay_fails_while_pubsub_is_out_however_old_the_event_is(folder: Path) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    bus, dead_letters = (f"projects/{PROJECT}/topics/{name}" for name in ("bus", "dead"))
    fields = {"body": Value(bytes_value=encode_event(PLACED))}
    document = bytes(DocumentEventData.serialize(DocumentEventData(value=Document(name="any", fields=fields))))
    told = {"ce-type": CREATED, "ce-id": "1", "ce-document": "any", "ce-time": "2026-01-02T12:00:00Z"}
    with running("relay", folder, pubsub=nowhere, bus=bus, dead_letters=dead_letters) as relay:
        assert relay.ask("POST", "/", document, told).status == 503
        assert [line["problem"] for line in lines(relay) if "problem" in line] == ["unavailable"]


def test_a_consumer_starts_the_saga_refuses_or_fails(folder: Path, firestore: FirestoreFake, pstest: Pstest) -> None:
    dead_letters, held_there = topic_held_by(pstest, "dead")
    servers = {"firestore": firestore.address, "pubsub": pstest.address, "dead_letters": dead_letters}
    with ExecutionsFake() as workflows:
        with running("fulfil", folder, executions=workflows.address, **servers) as fulfil:
            workflows.codes.append(grpc.StatusCode.PERMISSION_DENIED)
            failed = fulfil.post(json.dumps(push(encode_event(PLACED))).encode())
            done = fulfil.post(json.dumps(push(encode_event(PLACED))).encode())
            refused = fulfil.post(json.dumps(push(b"no event", {"tier": "high"})).encode())
            assert (failed.status, done.status, refused.status) == (500, 204, 204)
            assert failed.headers["content-type"] == "application/problem+json"
            assert b"PERMISSION" not in failed.body.upper()
            assert [fulfil.ask(method).status for method in ("GET", "PUT", "OPTIONS")] == [405, 405, 405]
            assert [fulfil.post(body).status for body in (b"", b"{}", b"\xff", b"x" * 2_000_000)] == [400] * 4
        assert [start.argument["data"] for start in workflows.starts] == [
            {"order_id": PLACED.order_id, "tenant": "acme"}
        ]
    (message,) = held(pstest, held_there)
    assert (message.data, message.attributes["tier"]) == (b"no event", "high")
    assert message.attributes["reason"].startswith("malformed: ")


def test_a_task_answers_workflows(folder: Path, firestore: FirestoreFake) -> None:
    call = {
        "task": "validate-order",
        "run_id": "ord_1",
        "key": "ord_1:validate",
        "attempt": 1,
        "data": {"order_id": "ord_1", "tenant": "acme"},
    }
    with running("order_tasks", folder, firestore=firestore.address) as tasks:
        answered = [tasks.post(body) for body in (json.dumps(call).encode(), b"no json", b"")]
        assert [reply.status for reply in answered] == [200, 200, 200]
        assert [json.loads(reply.body)["code"] for reply in answered] == ["not-found", "malformed", "malformed"]
        for _ in range(3):
            firestore.fail_next("BatchGetDocuments", grpc.StatusCode.PERMISSION_DENIED)
        assert tasks.post(json.dumps(call).encode()).status >= 500
        firestore.faults.clear()


def test_the_schedules_call_is_done(folder: Path, firestore: FirestoreFake) -> None:
    with running("cleanup", folder, firestore=firestore.address) as cleanup:
        assert cleanup.ask("GET").status == 405
        reply = cleanup.post(b"", x_cloudscheduler_scheduletime="2026-01-02T02:00:00Z")
        assert (reply.status, reply.body) == (204, b"")


def _as_eventarc_tells(path: str, fields: Any) -> bytes:  # noqa: ANN401 -- protobuf's own values
    named = {name: Value.deserialize(value.SerializeToString()) for name, value in fields.items()}
    name = f"projects/{PROJECT}/databases/orders/documents/{path}"
    return bytes(DocumentEventData.serialize(DocumentEventData(value=Document(name=name, fields=named))))
