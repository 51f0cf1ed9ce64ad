"""The handlers that the local run time calls: what they do with each trigger, with no more than their own grants."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from components.saga.decider import Outcome
from components.saga.order import ORDER_SAGA
from functions.codec import MalformedError, decode_event, encode_event
from functions.domain.errors import RetryableError
from functions.domain.events import EventType
from functions.entrypoints import local
from functions.environment import MissingVariableError, Variable
from local_runtime.client import BatchResult, Record, TaskCall, TaskOutcome, Tick
from tests.conformance.partner import answer, partner
from tests.unit.functions.api.issuer import AUDIENCE, ISSUER, Issuer
from tests.unit.functions.entrypoints.small_cloud import ORDER, TASKS, Cloud, small_cloud
from tests.unit.functions.orders import placed

_, (PLACED,) = placed()
BODY = encode_event(PLACED)
CONSUMERS = ["fulfil", "project-demand", "notify-customer", "archive-events", "notify-ops"]


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with small_cloud(tmp_path) as opened:
        yield opened


def follow(cloud: Cloud, order_id: str) -> Outcome:
    """From the change feed through the bus and the queue to the end of the saga."""
    placed_events = [entry.body for entry in cloud.relay() if decode_event(entry.body).type is EventType.PLACED]
    assert cloud.deliver("fulfil", *placed_events).dead == {}
    return cloud.run_saga(order_id).outcome


def test_an_order_goes_all_the_way_with_nothing_but_its_functions_grants(cloud: Cloud) -> None:
    order_id = cloud.place()
    assert follow(cloud, order_id) is Outcome.SUCCEEDED
    shown = cloud.show(order_id)
    assert (shown["status"], shown["reason"]) == ("FULFILLED", None)
    assert [entry["type"] for entry in shown["timeline"]][:4] == [
        "order.placed",
        "order.reserved",
        "order.payment_started",
        "order.paid",
    ]
    bodies = [entry.body for entry in cloud.relay()]
    for consumer in CONSUMERS:
        assert cloud.deliver(consumer, *bodies) == cloud.deliver(consumer, *bodies)
    assert cloud.rows("SELECT sku, units FROM demand") == [("TEAPOT", 2)]
    assert cloud.rows("SELECT subject FROM inbox ORDER BY subject") == [
        ("Your order is confirmed and paid",),
        ("Your order is on its way",),
    ]
    assert len(list((cloud.home.buckets / "event-archive").rglob("*.json"))) == len(bodies) == 8


def test_an_order_that_cannot_be_paid_is_undone(cloud: Cloud) -> None:
    order_id = cloud.place(payment_method="sandbox-decline")
    assert follow(cloud, order_id) is Outcome.FAILED
    shown = cloud.show(order_id)
    assert (shown["status"], shown["reason"]) == ("FAILED", "payment method sandbox-decline was declined")
    assert [entry["type"] for entry in shown["timeline"]][-4:] == [
        "order.payment_declined",
        "order.undoing_started",
        "order.released",
        "order.failed",
    ]


def test_an_order_that_the_shop_does_not_sell_is_rejected(cloud: Cloud) -> None:
    order_id = cloud.place(currency="CHF")
    assert follow(cloud, order_id) is Outcome.REJECTED
    assert cloud.show(order_id)["reason"] == "currency CHF is not sold here; use one of EUR, GBP"


def test_every_task_of_the_saga_has_a_function() -> None:
    assert {task for tasks in TASKS.values() for task in tasks} == ORDER_SAGA.tasks()


def test_the_api_remembers_a_key_and_cancels_an_order(cloud: Cloud) -> None:
    first, second = (cloud.ask("POST", "/orders", ORDER, idempotency_key="k") for _ in range(2))
    assert first.body == second.body
    other = cloud.ask("POST", "/orders", {**ORDER, "currency": "GBP"}, idempotency_key="k")
    assert other.status == 409
    cancelled = cloud.ask("POST", f"{first.headers['Location']}/cancellation")
    assert (cancelled.status, json.loads(cancelled.body)["status"]) == (202, "CANCELLED")
    listed = json.loads(cloud.ask("GET", "/orders").body)
    assert [order["status"] for order in listed["orders"]] == ["CANCELLED"]


def test_the_api_lets_the_configured_pages_call_it(cloud: Cloud) -> None:
    response = cloud.ask("GET", "/health", origin="https://shop.example")
    assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"


def test_the_api_verifies_tokens_itself_where_it_is_given_the_issuers_keys(cloud: Cloud, tmp_path: Path) -> None:
    issuer, keys = Issuer(), tmp_path / "jwks.json"
    keys.write_bytes(issuer.document)
    cloud.more["api"] = {
        Variable.TOKEN_KEYS: keys.as_uri(),
        Variable.TOKEN_ISSUER: ISSUER,
        Variable.TOKEN_AUDIENCE: AUDIENCE,
    }
    statuses = [
        cloud.ask("GET", "/orders", claims=None, authorization=f"Bearer {token}").status
        for token in (issuer.token(), Issuer().token(), "eyJ.made.up")
    ]
    assert statuses == [200, 401, 401]


def test_the_api_believes_nobody_where_no_gateway_has_verified_the_token(cloud: Cloud) -> None:
    assert cloud.ask("GET", "/orders", claims=None, authorization=f"Bearer {Issuer().token()}").status == 401


def test_the_relay_says_on_each_event_what_rules_match(cloud: Cloud) -> None:
    order_id = cloud.place(items=[{"sku": "TEAPOT", "quantity": 1, "unit_price_minor": 10_001}])
    (entry,) = cloud.relay()
    assert entry.id == f"{order_id}:1"
    assert entry.attributes == {
        "event_type": "order.placed",
        "tenant": "acme",
        "tier": "high",
        "total_minor": 10_001,
        "currency": "EUR",
    }


def test_the_relay_fails_as_a_whole_so_that_the_feed_delivers_again(cloud: Cloud) -> None:
    with pytest.raises(MalformedError):
        local.relay([Record(position=1, body=BODY), Record(position=2, body=b"{}")], cloud.context("relay"))
    assert cloud.published == []


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_a_message_that_is_no_event_dies_and_its_batch_mates_do_not(cloud: Cloud, consumer: str) -> None:
    result = cloud.deliver(consumer, BODY, b"not an event", BODY)
    assert (list(result.dead), result.retry) == (["m1"], {})
    assert result.dead["m1"].startswith("malformed: ")


def test_a_message_that_fails_comes_again_and_its_batch_mates_do_not(cloud: Cloud) -> None:
    _, (other,) = placed()
    cloud.failing = {PLACED.order_id: RetryableError("the executor is busy")}
    result = cloud.deliver("fulfil", BODY, encode_event(other))
    assert (result.retry, result.dead) == ({"m0": "RetryableError: the executor is busy"}, {})
    assert list(cloud.runs) == [other.order_id]


def test_a_failure_that_nobody_foresaw_is_its_messages_alone(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    cloud.failing = {PLACED.order_id: ZeroDivisionError("so it was")}
    with caplog.at_level(logging.WARNING):
        assert cloud.deliver("fulfil", BODY, b"").retry == {"m0": "ZeroDivisionError: so it was"}
    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [ZeroDivisionError]


def test_operators_are_told_by_the_log_until_a_webhook_is_configured(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        cloud.deliver("notify-ops", BODY)
    assert [record.message for record in caplog.records] == ["operators notified"]


def test_a_task_that_says_no_answers_with_the_code_and_the_reason(cloud: Cloud) -> None:
    order_id = cloud.place(items=[{"sku": "SANDBOX-OUT-OF-STOCK", "quantity": 1, "unit_price_minor": 1}])
    outcome = cloud.perform("reserve-inventory", "run:reserve", {"order_id": order_id, "tenant": "acme"})
    assert outcome == TaskOutcome(code="out-of-stock", message="SANDBOX-OUT-OF-STOCK is out of stock")


def test_a_task_that_fails_raises_so_that_it_is_tried_again(cloud: Cloud) -> None:
    order_id = cloud.place(items=[{"sku": "SANDBOX-TRANSIENT-1", "quantity": 1, "unit_price_minor": 1}])
    data = {"order_id": order_id, "tenant": "acme"}
    with pytest.raises(RetryableError):
        cloud.perform("reserve-inventory", "run:reserve", data)
    assert cloud.perform("reserve-inventory", "run:reserve", data) == TaskOutcome()


def test_the_task_of_another_function_is_refused(cloud: Cloud) -> None:
    call = task_call("restock", cloud.place())
    assert local.payment_tasks(call, cloud.context("payment-tasks")).code == "unknown-task"


def test_an_order_of_another_tenant_is_not_there_for_a_task(cloud: Cloud) -> None:
    order_id = cloud.place()
    assert cloud.perform("validate-order", "k", {"order_id": order_id, "tenant": "other"}).code == "not-found"


def test_the_schedule_expires_what_is_stale_at_its_tick(cloud: Cloud) -> None:
    order_id = cloud.place()
    placed_at = decode_event(cloud.relay()[0].body).occurred_at
    for hours, status in ((24, "PLACED"), (25, "EXPIRED")):
        local.cleanup(Tick(schedule="cleanup", at=placed_at + timedelta(hours=hours)), cloud.context("cleanup"))
        assert cloud.show(order_id)["status"] == status


def test_a_function_that_was_not_linked_says_which_variable_it_lacks(cloud: Cloud) -> None:
    context = replace(cloud.context("inventory-tasks"), environment={Variable.DATABASE: "orders"})
    with pytest.raises(MissingVariableError, match=Variable.SANDBOX_STOCK):
        local.inventory_tasks(task_call("restock", cloud.place()), context)


def test_payments_go_to_the_configured_gateway_with_its_key(cloud: Cloud) -> None:
    put_secret(cloud, "payment-api-key", "sesame")
    with partner() as gateway:
        gateway.will(answer(200, {"payment_id": "pay_7"}))
        cloud.more["payment-tasks"] = {
            Variable.PAYMENT_URL: gateway.url,
            Variable.PAYMENT_SECRET: "payment-api-key",
        }
        order_id = cloud.place(payment_method="visa-4711")
        assert follow(cloud, order_id) is Outcome.SUCCEEDED
    (request,) = gateway.received
    assert (request.path, request.headers["authorization"]) == ("/charges", "Bearer sesame")
    assert request.headers["idempotency-key"] == f"{order_id}:process-payment"
    (paid,) = [entry for entry in cloud.show(order_id)["timeline"] if entry["type"] == "order.paid"]
    assert paid["details"] == {"payment_id": "pay_7"}


def test_operators_are_told_by_the_configured_webhook(cloud: Cloud) -> None:
    put_secret(cloud, "webhook-secret", "sesame")
    with partner() as operators:
        operators.will(answer(204, b""))
        cloud.more["notify-ops"] = {
            Variable.WEBHOOK_URL: operators.url,
            Variable.WEBHOOK_SECRET: "webhook-secret",
        }
        assert cloud.deliver("notify-ops", BODY) == BatchResult()
    (request,) = operators.received
    assert json.loads(request.body)["order_id"] == PLACED.order_id
    assert (request.headers["idempotency-key"], "x-orderly-signature" in request.headers) == (PLACED.id, True)


def task_call(task: str, order_id: str) -> TaskCall:
    return TaskCall(task=task, run_id="r", key="k", attempt=1, data={"order_id": order_id, "tenant": "acme"})


def put_secret(cloud: Cloud, name: str, value: str) -> None:
    cloud.home.secrets.mkdir()
    (cloud.home.secrets / name).write_text(value)
