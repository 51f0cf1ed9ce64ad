"""The functions as Azure calls them: the built package in Microsoft's worker core, told what the host would tell it.

Cosmos DB, Event Grid and the workflow's app are fakes of our own there, as in the conformance of the adapters.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from functions.api.bodies import MAX_BODY_BYTES
from functions.environment import Variable
from tests.azure.cosmos_fake import CosmosFake
from tests.azure.eventgrid_fake import EventGridFake
from tests.azure.loopback import TOKEN, Loopback
from tests.azure.serving import answer
from tests.azure.starts_fake import AUDIENCE, StartsFake
from tests.azure.worker import TRACE_ID, InvocationFailedError, Worker
from tests.unit.functions.api.shop import CLAIMS, ORDER
from tests.unit.functions.entrypoints.azure.calls import CALLER, PLACED, cloud_event
from tests.unit.functions.entrypoints.azure.test_relay import document

SETTINGS: dict[str, str] = {
    Variable.STAGE: "dev",
    Variable.DATABASE: "orders",
    Variable.CALLERS: CALLER,
    Variable.AUDIENCE: AUDIENCE,
    Variable.CLIENT_ID: "00000000-0000-0000-0000-000000000001",
    Variable.IDEMPOTENCY_HOURS: "24",
    Variable.EXPIRE_AFTER_HOURS: "24",
    Variable.HIGH_VALUE_MINOR: "10000",
    Variable.CURRENCIES: "EUR",
    Variable.MAX_TOTAL_MINOR: "1000000",
    Variable.CORS_ORIGINS: "https://shop.example",
    "PYTHON_THREADPOOL_THREAD_COUNT": "16",
}
BODY = json.dumps(ORDER).encode()
JSON = {"Content-Type": "application/json"}
GATEWAY = {
    "X-MS-CLIENT-PRINCIPAL-ID": CALLER,
    "x-orderly-claims": base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).decode().rstrip("="),
}
"""What API Management's calls have, and App Service adds to them."""


@contextmanager
def running(handler: str, folder: Path, **settings: str) -> Iterator[Worker]:
    named = {str(name): value for name, value in SETTINGS.items()}
    with Worker(folder, {**named, "ORDERLY_HANDLER": handler, **settings}) as worker:
        yield worker


@pytest.fixture(scope="module")
def cosmos() -> Iterator[CosmosFake]:
    with CosmosFake() as fake:
        yield fake


@pytest.fixture(scope="module")
def api(led: Path, cosmos: CosmosFake) -> Iterator[Worker]:
    with running("api", led, **{Variable.COSMOS_ENDPOINT: cosmos.endpoint}) as worker:
        yield worker


def said(worker: Worker) -> list[dict[str, Any]]:
    """Each line must be an object: Application Insights is asked for their fields."""
    return [json.loads(line["message"]) for line in worker.lines]


def test_an_order_is_placed_and_shown(api: Worker) -> None:
    reply = api.ask("api", "POST", "/orders", BODY, {**JSON, **GATEWAY})
    assert (reply.status, reply.headers["x-request-id"]) == (202, TRACE_ID)
    shown = api.ask("api", "GET", reply.headers["location"], headers=GATEWAY)
    assert (shown.status, shown.json["status"]) == (200, "PLACED")


def test_a_line_is_sent_with_the_invocation_that_it_belongs_to(api: Worker) -> None:
    api.lines.clear()
    api.ask("api", "GET", "/orders", headers=GATEWAY)
    (sent,) = [line for line in api.lines if json.loads(line["message"])["message"] == "request answered"]
    line = json.loads(sent["message"])
    assert (line["trace_id"], line["request_id"], line["tenant"]) == (TRACE_ID, TRACE_ID, "acme")
    assert (line["function"], line["stage"]) == ("orders-app", "dev")
    assert line["invocation_id"] == sent["invocation"]


def test_first_requests_that_come_together_are_all_answered(led: Path, cosmos: CosmosFake) -> None:
    with running("api", led, **{Variable.COSMOS_ENDPOINT: cosmos.endpoint}) as api:
        replies = api.together("api", 32, "GET", "/orders", headers=GATEWAY)
    assert {reply.status for reply in replies} == {200}


def test_a_preflight_is_answered_by_the_function_where_no_gateway_does(led: Path) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    with running("api", led, **{Variable.TOKEN_KEYS: "https://issuer.example/keys", **ISSUER}) as api:
        reply = api.ask("api", "OPTIONS", "/orders", headers=asked)
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (204, "https://shop.example")


ISSUER = {str(Variable.TOKEN_ISSUER): "https://issuer.example", str(Variable.TOKEN_AUDIENCE): "orderly"}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/health", b"", GATEWAY, 200),
        ("HEAD", "/health", b"", GATEWAY, 200),
        ("GET", "/openapi.json", b"", GATEWAY, 200),
        ("GET", "/health", b"", {}, 403),
        ("GET", "/orders", b"", {**GATEWAY, "X-MS-CLIENT-PRINCIPAL-ID": "someone"}, 403),
        ("OPTIONS", "/orders", b"", {}, 403),
        ("GET", "/orders", b"", {**GATEWAY, "x-orderly-claims": "!"}, 401),
        ("GET", "/orders?limit=nine", b"", GATEWAY, 400),
        ("GET", "/orders/a%2Fb", b"", GATEWAY, 404),
        ("GET", "/", b"", GATEWAY, 404),
        ("BREW", "/orders", b"", GATEWAY, 405),
        ("POST", "/orders", BODY, GATEWAY, 415),
        ("POST", "/orders", b"", {**GATEWAY, **JSON}, 400),
        ("POST", "/orders", b"\xff\xfe", {**GATEWAY, **JSON}, 400),
        ("POST", "/orders", b"x" * (MAX_BODY_BYTES + 1), {**GATEWAY, **JSON}, 413),
    ],
)
def test_whatever_a_caller_sends_is_answered_as_theirs(
    api: Worker, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    reply = api.ask("api", method, path, body, headers)
    assert reply.status == status
    assert b"Traceback" not in reply.body
    assert (reply.body == b"") is (method == "HEAD")
    if status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"


def test_the_relay_publishes_what_was_written(led: Path, cosmos: CosmosFake, api: Worker) -> None:
    written: list[dict[str, Any]] = []
    cosmos.listen(lambda changed: written.append(dict(changed.item)))
    placed = api.ask("api", "POST", "/orders", BODY, {**JSON, **GATEWAY}).json["order_id"]
    assert {document["kind"] for document in written} > {"event"}
    with EventGridFake() as bus, running("relay", led, **{Variable.EVENT_BUS: bus.endpoint}) as relay:
        relay.feed("relay", written)
    (event,) = bus.events
    assert (event["type"], event["subject"], event["data"]["order_id"]) == ("order.placed", placed, placed)


def test_the_relay_gives_up_on_a_bus_by_the_hosts_count_of_retries(folder: Path) -> None:
    def refuse(request: Any) -> Any:  # noqa: ANN401
        return answer(201) if request.path.endswith("/messages") else answer(400)

    with Loopback(refuse) as azure:
        servers = {Variable.EVENT_BUS: f"{azure.url}/bus", Variable.DEAD_LETTERS: f"{azure.url}/feed-dead-letters"}
        with running("relay", folder, **servers, **azure.identity) as relay:
            with pytest.raises(InvocationFailedError, match="Event Grid answered 400"):
                relay.feed("relay", [document(PLACED)])
            assert [asked.path for asked in azure.asked] == ["/bus"]
            relay.feed("relay", [document(PLACED)], retries=59)
        assert azure.asked[-1].path == "/feed-dead-letters/messages"
        (message,) = json.loads(azure.asked[-1].body)
    assert message["UserProperties"]["event_type"] == "order.placed"
    assert "Event Grid answered 400" in message["UserProperties"]["reason"]


def test_a_consumer_starts_the_saga_refuses_or_fails(led: Path, cosmos: CosmosFake) -> None:
    with StartsFake() as starts, Loopback(lambda _: answer(201)) as bus:
        servers = {
            Variable.COSMOS_ENDPOINT: cosmos.endpoint,
            Variable.WORKFLOW: starts.address,
            Variable.LEASE_SECONDS: "20",
            Variable.DEAD_LETTERS: f"{bus.url}/fulfilment-dead-letters",
        }
        with running("fulfil", led, **servers) as fulfil:
            starts.statuses.append(403)
            with pytest.raises(InvocationFailedError, match="the workflow's app answered 403"):
                fulfil.deliver("fulfil", cloud_event())
            fulfil.deliver("fulfil", cloud_event(), attempt=2)
            fulfil.deliver("fulfil", b"no event", attempt=3, tier="high")
        assert starts.runs == {PLACED.order_id: {"order_id": PLACED.order_id, "tenant": "acme"}}
        (message,) = json.loads(bus.asked[0].body)
    assert message["Body"] == "no event"
    assert message["BrokerProperties"]["MessageId"] == "7:m1"
    told = message["UserProperties"]
    assert (told["tier"], told["delivery_attempt"]) == ("high", "3")
    assert told["reason"].startswith("malformed: ")


def test_a_dead_letter_is_sent_by_the_apps_own_identity(folder: Path) -> None:
    with Loopback(lambda _: answer(201)) as azure:
        servers = {Variable.DEAD_LETTERS: f"{azure.url}/demand-dead-letters"}
        with running("project_demand", folder, **servers, **azure.identity) as consumer:
            consumer.deliver("project_demand", b"no event")
    (asked,) = azure.asked
    assert (asked.path, asked.headers["authorization"]) == ("/demand-dead-letters/messages", f"Bearer {TOKEN}")
    assert azure.resources == ["https://servicebus.azure.net"]


def test_a_task_answers_the_workflow_and_nobody_else(led: Path, cosmos: CosmosFake, api: Worker) -> None:
    order_id = api.ask("api", "POST", "/orders", BODY, {**JSON, **GATEWAY}).json["order_id"]
    call = {
        "task": "validate-order",
        "run_id": order_id,
        "key": f"{order_id}:validate-order",
        "attempt": 1,
        "data": {"order_id": order_id, "tenant": "acme"},
    }
    body = json.dumps(call).encode()
    with running("order_tasks", led, **{Variable.COSMOS_ENDPOINT: cosmos.endpoint}) as tasks:
        workflow = {"X-MS-CLIENT-PRINCIPAL-ID": CALLER, **JSON}
        replies = [tasks.ask("order_tasks", "POST", "/task", sent, workflow) for sent in (body, b"no json", b"")]
        assert [reply.status for reply in replies] == [200, 200, 200]
        assert [reply.json["code"] for reply in replies] == [None, "malformed", "malformed"]
        assert tasks.ask("order_tasks", "POST", "/task", body, JSON).status == 403
        assert tasks.ask("order_tasks", "GET", "/task", headers=workflow).status == 405


def test_the_timer_expires_what_was_never_fulfilled(led: Path, cosmos: CosmosFake) -> None:
    """What it looks for is the adapters' to find: here it is called, asks, and is done."""
    cosmos.calls.clear()
    told = {"IsPastDue": True, "Schedule": {"AdjustForDST": True}, "ScheduleStatus": {}}
    with running("cleanup", led, **{Variable.COSMOS_ENDPOINT: cosmos.endpoint}) as cleanup:
        assert cleanup.invoke("cleanup", {"timer": {"json": json.dumps(told)}}) is None
    assert "Query" in cosmos.calls


def test_no_line_of_an_app_is_lost_to_a_handler_of_its_own(api: Worker) -> None:
    assert said(api)
    assert not [line for line in said(api) if line["level"] not in ("INFO", "WARNING")]
