"""A dead letter is sent as Service Bus takes it, whatever is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.adapters.azure.clients import AzureUnavailableError
from functions.adapters.azure.rest import RefusedError, Service
from functions.entrypoints.azure.dead_letters import BATCH, MAX_ATTRIBUTES, Letter, put
from tests.azure.loopback import Loopback
from tests.azure.serving import answer

LETTER = Letter(id="7:m1", body=b'{"a": 1}', attributes={"tier": "high"})


@pytest.fixture
def statuses() -> list[int]:
    """What Service Bus answers, one after another, and 201 from then on."""
    return []


@pytest.fixture
def bus(statuses: list[int]) -> Iterator[Loopback]:
    with Loopback(lambda _: answer(statuses.pop(0) if statuses else 201)) as loopback:
        yield loopback


def queue(bus: Loopback) -> Service:
    return Service("Service Bus", f"{bus.url}/fulfilment-dead-letters", lambda: "a-token", pause=lambda _: None)


def sent(bus: Loopback, letter: Letter = LETTER, reason: str = "malformed: no event") -> Any:  # noqa: ANN401 -- any JSON
    put(queue(bus), letter, reason)
    (message,) = json.loads(bus.asked[-1].body)
    return message


def test_a_dead_letter_is_the_message_and_the_reason(bus: Loopback) -> None:
    message = sent(bus)
    assert message == {
        "Body": '{"a": 1}',
        "BrokerProperties": {"MessageId": "7:m1", "ContentType": "application/json"},
        "UserProperties": {"tier": "high", "reason": "malformed: no event"},
    }
    (asked,) = bus.asked
    assert (asked.method, asked.path) == ("POST", "/fulfilment-dead-letters/messages")
    assert (asked.headers["content-type"], asked.headers["authorization"]) == (BATCH, "Bearer a-token")


def test_the_reason_that_is_told_is_ours_and_not_the_messages(bus: Loopback) -> None:
    letter = Letter(id="1", body=b"", attributes={"reason": "none"})
    assert sent(bus, letter, "malformed: no event")["UserProperties"] == {"reason": "malformed: no event"}


@pytest.mark.parametrize("reason", ["half a pair \ud800" + "!" * 5000, "ü\n\r\t" * 5000, "\U0001f9e8" * 5000])
def test_a_reason_of_any_text_is_told_as_far_as_it_goes(reason: str, bus: Loopback) -> None:
    told = sent(bus, reason=reason)["UserProperties"]["reason"]
    assert told == reason[:1000].replace("\ud800", "?")


def test_a_body_that_is_no_text_can_still_be_read(bus: Loopback) -> None:
    assert sent(bus, Letter(id="1", body=b"a\xff\x00"))["Body"] == "a\\xff\x00"


def test_attributes_that_are_too_many_or_too_long_do_not_hold_a_dead_letter_up(bus: Loopback) -> None:
    many = {f"a{number}": "x" * 2000 for number in range(200)}
    kept = sent(bus, Letter(id="i" * 200, body=b"", attributes=many))
    assert len(kept["UserProperties"]) == MAX_ATTRIBUTES
    assert max(len(value) for value in kept["UserProperties"].values()) == 1024
    assert kept["BrokerProperties"]["MessageId"] == "i" * 128


def test_a_fault_that_passes_is_waited_out(bus: Loopback, statuses: list[int]) -> None:
    statuses += [503, 429]
    sent(bus)
    assert len(bus.asked) == 3
    assert len({asked.body for asked in bus.asked}) == 1, "with one id, by which it is known if it is there twice"


def test_a_fault_that_lasts_is_raised(bus: Loopback, statuses: list[int]) -> None:
    statuses += [503] * 10
    with pytest.raises(AzureUnavailableError):
        sent(bus)


def test_an_id_and_attributes_of_any_text_are_told_as_far_as_they_go(bus: Loopback) -> None:
    message = sent(bus, Letter(id="half a pair \ud800", body=b"", attributes={"tenant": "\udfff\u00fc"}))
    assert message["BrokerProperties"]["MessageId"] == "half a pair ?"
    assert message["UserProperties"]["tenant"] == "?\u00fc"


@pytest.mark.parametrize("status", [200, 202, 400, 401, 403, 404, 410, 413])
def test_whatever_is_not_a_yes_is_raised(status: int, bus: Loopback, statuses: list[int]) -> None:
    statuses.append(status)
    with pytest.raises(RefusedError, match=str(status)) as refused:
        sent(bus)
    assert refused.value.status == status
    assert json.loads(bus.asked[0].body)
