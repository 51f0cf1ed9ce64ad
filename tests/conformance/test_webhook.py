"""The operators' webhook over real sockets."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

import pytest

from functions.adapters.http.client import AddressError, Limits
from functions.adapters.http.webhook import Webhook
from functions.domain.errors import PermanentError, RetryableError
from functions.domain.events import Json
from tests.conformance.partner import (
    Behaviour,
    Partner,
    Secrets,
    answer,
    break_off,
    content,
    hang_up,
    partner,
    silence,
)

SECRET = "shared-secret"  # noqa: S105 -- of this test
LIMITS = Limits(read_seconds=0.3)
MESSAGE: dict[str, Json] = {"text": "Großer Auftrag", "order_id": "ord_1", "total_minor": 99900}


@pytest.fixture
def ops() -> Iterator[Partner]:
    with partner() as running:
        yield running


def webhook(ops: Partner, secret_name: str | None = "webhook-secret") -> Webhook:  # noqa: S107 -- a name
    return Webhook(
        f"{ops.url}/hooks/T0P/",
        secret_name,
        Secrets({"webhook-secret": SECRET}),
        limits=LIMITS,
        seconds=lambda: 1700000000.9,
    )


def test_a_message_is_posted_to_the_very_address_with_its_key(ops: Partner) -> None:
    ops.will(answer(200))
    webhook(ops).notify(key="ord_1:1", message=MESSAGE)
    (posted,) = ops.received
    assert (posted.method, posted.path, content(posted)) == ("POST", "/hooks/T0P/", MESSAGE)
    assert posted.headers["idempotency-key"] == "ord_1:1"
    assert posted.headers["content-type"] == "application/json"


def test_the_receiver_can_check_who_sent_it_and_when(ops: Partner) -> None:
    ops.will(answer(200))
    webhook(ops).notify(key="k", message=MESSAGE)
    (posted,) = ops.received
    assert posted.headers["x-orderly-timestamp"] == "1700000000"
    expected = hmac.new(SECRET.encode(), b"1700000000." + posted.body, hashlib.sha256).hexdigest()
    assert posted.headers["x-orderly-signature"] == f"v1={expected}"
    assert SECRET not in str(posted)


def test_the_same_message_has_the_same_bytes_however_it_was_put_together(ops: Partner) -> None:
    ops.will(answer(200))
    webhook(ops).notify(key="k", message=MESSAGE)
    webhook(ops).notify(key="k", message=dict(reversed(MESSAGE.items())))
    assert ops.received[0].body == ops.received[1].body


def test_without_a_secret_nothing_is_signed(ops: Partner) -> None:
    ops.will(answer(200))
    webhook(ops, secret_name=None).notify(key="k", message=MESSAGE)
    assert not [name for name in ops.received[0].headers if name.startswith("x-orderly")]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_is_enough_whatever_is_in_it(ops: Partner, status: int) -> None:
    ops.will(answer(status, b"" if status == 204 else b"<ok/>"))
    webhook(ops).notify(key="k", message=MESSAGE)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_refusal_is_final(ops: Partner, status: int) -> None:
    ops.will(answer(status))
    with pytest.raises(PermanentError, match=str(status)):
        webhook(ops).notify(key="k", message=MESSAGE)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_trouble_passes(ops: Partner, status: int) -> None:
    ops.will(answer(status))
    with pytest.raises(RetryableError, match=str(status)):
        webhook(ops).notify(key="k", message=MESSAGE)
    assert len(ops.received) == 1


@pytest.mark.parametrize("behaviour", [hang_up, break_off])
def test_a_broken_connection_passes(ops: Partner, behaviour: Behaviour) -> None:
    ops.will(behaviour)
    with pytest.raises(RetryableError):
        webhook(ops).notify(key="k", message=MESSAGE)


def test_silence_passes(ops: Partner) -> None:
    ops.will(silence(ops))
    with pytest.raises(RetryableError):
        webhook(ops).notify(key="k", message=MESSAGE)


@pytest.mark.parametrize("status", [301, 404, 500])
def test_an_error_does_not_show_the_address_beyond_its_host(ops: Partner, status: int) -> None:
    ops.will(answer(status, b"", Location="/elsewhere"))
    with pytest.raises((PermanentError, RetryableError)) as caught:
        webhook(ops).notify(key="k", message=MESSAGE)
    assert "127.0.0.1" in str(caught.value)
    assert "T0P" not in str(caught.value)


def test_an_address_in_the_open_is_refused() -> None:
    with pytest.raises(AddressError, match="use https"):
        Webhook("http://hooks.example/T0P", None, Secrets({}))
