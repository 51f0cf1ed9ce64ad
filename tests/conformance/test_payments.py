"""The HTTP payment gateway against a partner that misbehaves, over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from functions.adapters.http.client import AddressError, Limits
from functions.adapters.http.payments import FAILURES_UNTIL_OPEN, HttpPaymentGateway
from functions.domain.errors import PaymentDeclinedError, PermanentError, RetryableError
from functions.ports import PaymentGateway
from tests.conformance.partner import (
    Behaviour,
    Partner,
    Secrets,
    answer,
    break_off,
    content,
    drip,
    flood,
    hang_up,
    no_http,
    partner,
    silence,
)

KEY = "key-that-nobody-may-see"
PAID = answer(200, {"payment_id": "pay-1"})
LIMITS = Limits(connect_seconds=2.0, read_seconds=0.3, max_bytes=1024)


@pytest.fixture
def bank() -> Iterator[Partner]:
    with partner() as running:
        yield running


@pytest.fixture
def secrets() -> Secrets:
    return Secrets({"payment-key": KEY})


@pytest.fixture
def gateway(bank: Partner, secrets: Secrets) -> PaymentGateway:
    return HttpPaymentGateway(bank.url, "payment-key", secrets, limits=LIMITS)


def charge(gateway: PaymentGateway) -> str:
    return gateway.charge(key="ord_1:pay", order_id="ord_1", amount_minor=3998, currency="EUR", method="card-token")


def test_a_charge_is_asked_for_once_with_its_key_and_the_secret(bank: Partner, gateway: PaymentGateway) -> None:
    bank.will(PAID)
    assert charge(gateway) == "pay-1"
    (asked,) = bank.received
    assert (asked.method, asked.path) == ("POST", "/charges")
    assert content(asked) == {"order_id": "ord_1", "amount_minor": 3998, "currency": "EUR", "method": "card-token"}
    assert asked.headers["idempotency-key"] == "ord_1:pay"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["content-type"] == "application/json"


@pytest.mark.parametrize("payment_id", ["pay-1", None])
def test_a_refund_names_the_charge_and_tells_whether_it_took_anything(
    bank: Partner, gateway: PaymentGateway, payment_id: str | None
) -> None:
    bank.will(answer(201, {"payment_id": payment_id}))
    assert gateway.refund(key="ord_1:pay:undo", charge_key="ord_1:pay") == payment_id
    (asked,) = bank.received
    assert (asked.path, content(asked)) == ("/refunds", {"charge_key": "ord_1:pay"})
    assert asked.headers["idempotency-key"] == "ord_1:pay:undo"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "insufficient funds"}, "insufficient funds"),
        ({}, "the payment was declined"),
        (b"<html>", "the payment was declined"),
        ({"message": "x" * 300}, "the payment was declined"),
    ],
)
def test_a_declined_payment_says_why(bank: Partner, gateway: PaymentGateway, body: object, message: str) -> None:
    bank.will(answer(402, body))
    with pytest.raises(PaymentDeclinedError, match=message):
        charge(gateway)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_a_request_that_the_partner_will_never_take_is_not_retried(
    bank: Partner, gateway: PaymentGateway, status: int
) -> None:
    bank.will(answer(status, {}))
    with pytest.raises(PermanentError, match=str(status)) as caught:
        charge(gateway)
    assert caught.value.code == "payment-refused"
    assert len(bank.received) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 599, 408, 425, 429, 204, 206])
def test_a_partner_in_trouble_is_asked_again_later_and_not_by_us(
    bank: Partner, gateway: PaymentGateway, status: int
) -> None:
    bank.will(answer(status, {"payment_id": "pay-1"} if status != 204 else b""))
    with pytest.raises(RetryableError):
        charge(gateway)
    assert len(bank.received) == 1


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"<html>sorry</html>",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'{"payment_id": null}',
        b'{"payment_id": ""}',
        b'{"payment_id": 7}',
        b'{"payment_id": "\xff"}',
        b'{"payment_id": "\\ud800"}',
        b'{"x":' + b"[" * 1000,
    ],
)
def test_nonsense_is_no_proof_of_payment(bank: Partner, gateway: PaymentGateway, garbage: bytes) -> None:
    bank.will(answer(200, garbage))
    with pytest.raises(RetryableError):
        charge(gateway)


@pytest.mark.parametrize("behaviour", [hang_up, break_off, no_http])
def test_a_broken_connection_may_be_tried_again(bank: Partner, gateway: PaymentGateway, behaviour: Behaviour) -> None:
    bank.will(behaviour)
    with pytest.raises(RetryableError):
        charge(gateway)


@pytest.mark.parametrize("behaviour", [silence, drip, flood])
def test_a_partner_without_end_is_left(bank: Partner, gateway: PaymentGateway, behaviour: object) -> None:
    assert callable(behaviour)
    bank.will(behaviour(bank))
    with pytest.raises(RetryableError):
        charge(gateway)


def test_nobody_at_the_address_may_be_somebody_later(secrets: Secrets) -> None:
    with partner() as gone:
        url = gone.url
    with pytest.raises(RetryableError):
        charge(HttpPaymentGateway(url, "payment-key", secrets, limits=LIMITS))


def test_after_a_broken_answer_the_next_charge_gets_its_own(bank: Partner, gateway: PaymentGateway) -> None:
    bank.will(break_off, answer(200, {"payment_id": "x" * 200}), PAID)
    for _ in range(2):
        with pytest.raises(RetryableError):
            charge(gateway)
    assert charge(gateway) == "pay-1"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_secret_goes_nowhere_else(
    bank: Partner, gateway: PaymentGateway, status: int
) -> None:
    with partner() as elsewhere:
        elsewhere.will(PAID)
        bank.will(answer(status, b"", Location=f"{elsewhere.url}/charges"))
        with pytest.raises(RetryableError, match="redirects are not followed"):
            charge(gateway)
        assert elsewhere.received == []


def test_a_rotated_key_is_read_again_and_used(bank: Partner, gateway: PaymentGateway, secrets: Secrets) -> None:
    secrets.cached["payment-key"] = "old-key"
    bank.will(answer(401, {}), PAID)
    assert charge(gateway) == "pay-1"
    assert [asked.headers["authorization"] for asked in bank.received] == ["Bearer old-key", f"Bearer {KEY}"]
    assert {asked.headers["idempotency-key"] for asked in bank.received} == {"ord_1:pay"}


def test_a_key_that_is_refused_twice_is_not_tried_a_third_time(bank: Partner, gateway: PaymentGateway) -> None:
    bank.will(answer(401, {}))
    with pytest.raises(RetryableError, match="store a valid one in secret payment-key"):
        charge(gateway)
    assert len(bank.received) == 2


@pytest.mark.parametrize("value", ["", " \n", f"{KEY}\r\nX-Evil: 1", f"{KEY}\x00", f"{KEY}é"])
def test_a_secret_that_no_header_can_carry_is_refused_without_being_shown(bank: Partner, value: str) -> None:
    bank.will(PAID)
    gateway = HttpPaymentGateway(bank.url, "payment-key", Secrets({"payment-key": value}))
    with pytest.raises(RetryableError, match="secret payment-key") as caught:
        charge(gateway)
    assert KEY not in str(caught.value)
    assert bank.received == []


def test_a_line_break_at_the_end_of_a_stored_key_does_no_harm(bank: Partner) -> None:
    bank.will(PAID)
    charge(HttpPaymentGateway(bank.url, "payment-key", Secrets({"payment-key": f"{KEY}\n"})))
    assert bank.received[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("status", [401, 400, 402, 500])
def test_no_failure_shows_the_secret(
    bank: Partner, gateway: PaymentGateway, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    bank.will(answer(status, {"message": "no"}))
    with pytest.raises((PermanentError, RetryableError)) as caught:
        charge(gateway)
    assert KEY not in repr(caught.value) + caplog.text


def fail_until_open(gateway: PaymentGateway) -> None:
    for _ in range(FAILURES_UNTIL_OPEN):
        with pytest.raises(RetryableError):
            charge(gateway)


def test_a_partner_that_keeps_failing_is_left_alone(bank: Partner, gateway: PaymentGateway) -> None:
    bank.will(answer(500, {}))
    fail_until_open(gateway)
    bank.will(PAID)
    with pytest.raises(RetryableError, match="left alone"):
        charge(gateway)
    assert len(bank.received) == FAILURES_UNTIL_OPEN


def test_after_a_while_it_is_tried_again_and_trusted_when_it_answers(bank: Partner, secrets: Secrets) -> None:
    gateway = HttpPaymentGateway(bank.url, "payment-key", secrets, limits=LIMITS, open_seconds=0)
    bank.will(answer(500, {}))
    fail_until_open(gateway)
    bank.will(PAID)
    assert charge(gateway) == "pay-1"
    bank.will(answer(500, {}))
    for _ in range(FAILURES_UNTIL_OPEN - 1):
        with pytest.raises(RetryableError, match="answered 500"):
            charge(gateway)


def test_a_failed_trial_closes_the_door_again(bank: Partner, secrets: Secrets) -> None:
    gateway = HttpPaymentGateway(bank.url, "payment-key", secrets, limits=LIMITS, open_seconds=0)
    bank.will(answer(500, {}))
    fail_until_open(gateway)
    gateway.breaker.reset_timeout = 3600
    gateway.breaker.half_open()
    with pytest.raises(RetryableError, match="answered 500"):
        charge(gateway)
    with pytest.raises(RetryableError, match="left alone"):
        charge(gateway)


def test_declined_payments_are_no_outage(bank: Partner, gateway: PaymentGateway) -> None:
    bank.will(answer(402, {}))
    for _ in range(3 * FAILURES_UNTIL_OPEN):
        with pytest.raises(PaymentDeclinedError):
            charge(gateway)
    assert len(bank.received) == 3 * FAILURES_UNTIL_OPEN


def test_an_answer_of_any_kind_ends_a_row_of_failures(bank: Partner, gateway: PaymentGateway) -> None:
    failures = [answer(500, {})] * (FAILURES_UNTIL_OPEN - 1)
    bank.will(*failures, answer(402, {}), *failures, PAID)
    for _ in range(2 * FAILURES_UNTIL_OPEN - 1):
        with pytest.raises((RetryableError, PaymentDeclinedError)):
            charge(gateway)
    assert charge(gateway) == "pay-1"


def test_charges_do_not_wait_for_each_other(bank: Partner, secrets: Secrets) -> None:
    gateway = HttpPaymentGateway(bank.url, "payment-key", secrets)
    together = threading.Barrier(3)

    def when_all_are_here(handler: BaseHTTPRequestHandler) -> None:
        together.wait(timeout=5)
        PAID(handler)

    bank.will(when_all_are_here)
    paid: list[str] = []
    threads = [threading.Thread(target=lambda: paid.append(charge(gateway))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paid == ["pay-1"] * 3


@pytest.mark.parametrize(
    "url",
    [
        "http://pay.example",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "ftp://pay.example",
        "file:///etc/passwd",
        "pay.example",
        "https://",
        "https://user:hunter2@pay.example",
        "",
    ],
)
def test_an_address_that_would_carry_the_secret_in_the_open_is_refused(secrets: Secrets, url: str) -> None:
    with pytest.raises(AddressError) as caught:
        HttpPaymentGateway(url, "payment-key", secrets)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://pay.example", "http://localhost:1", "http://127.8.8.8", "http://[::1]:80/api"]
)
def test_encrypted_addresses_and_this_machine_are_taken(secrets: Secrets, url: str) -> None:
    HttpPaymentGateway(url, "payment-key", secrets)


def test_a_path_in_the_address_comes_before_that_of_the_call(bank: Partner, secrets: Secrets) -> None:
    bank.will(PAID)
    charge(HttpPaymentGateway(f"{bank.url}/v1/", "payment-key", secrets))
    assert bank.received[0].path == "/v1/charges"
