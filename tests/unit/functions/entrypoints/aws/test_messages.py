"""A queue's consumer says of each message for itself what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from functions.codec import encode_event
from functions.domain.errors import NotOpenError, RetryableError
from functions.domain.events import Event
from functions.entrypoints.aws.messages import consumed
from tests.unit.functions.orders import placed

_, (PLACED,) = placed()
BODY = encode_event(PLACED).decode()


def batch(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"message-{number}", "body": body, "eventSource": "aws:sqs"}
            for number, body in enumerate(bodies, 1)
        ]
    }


@dataclass
class Consumer:
    """Raises what is next in `outcomes`, until there is no more of them."""

    outcomes: list[Exception | None] = field(default_factory=list)
    seen: list[tuple[Event, bytes]] = field(default_factory=list)

    def __call__(self, event: Event, body: bytes) -> None:
        self.seen.append((event, body))
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome


@dataclass
class DeadLetters:
    put: list[tuple[str, str]] = field(default_factory=list)
    failure: Exception | None = None

    def __call__(self, body: str, reason: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.put.append((body, reason))


def failed(answer: PartialItemFailureResponse) -> list[str]:
    return [str(entry["itemIdentifier"]) for entry in answer["batchItemFailures"]]


def test_a_message_is_the_events_own_json() -> None:
    consumer = Consumer()
    assert failed(consumed(batch(BODY), consumer, DeadLetters())) == []
    assert consumer.seen == [(PLACED, BODY.encode())]


def test_only_the_message_that_failed_comes_again() -> None:
    consumer, dead = Consumer([None, RetryableError("not now"), None]), DeadLetters()
    assert failed(consumed(batch(BODY, BODY, BODY), consumer, dead)) == ["message-2"]
    assert (len(consumer.seen), dead.put) == (3, [])


def test_a_batch_that_fails_as_a_whole_is_no_failure_of_the_function() -> None:
    consumer = Consumer([RuntimeError("a bug"), RetryableError("not now")])
    assert failed(consumed(batch(BODY, BODY), consumer, DeadLetters())) == ["message-1", "message-2"]


def test_what_can_never_succeed_is_dead_at_once_with_the_reason() -> None:
    dead = DeadLetters()
    consumer = Consumer([NotOpenError("the order has ended")])
    assert failed(consumed(batch(BODY, BODY), consumer, dead)) == []
    assert dead.put == [(BODY, "not-open: the order has ended")]


@pytest.mark.parametrize("body", ["", "{}", "[]", "no json", '{"id": 1}'])
def test_a_message_that_is_no_event_is_dead_at_once(body: str) -> None:
    consumer, dead = Consumer(), DeadLetters()
    assert failed(consumed(batch(body), consumer, dead)) == []
    assert consumer.seen == []
    assert [(put_body, reason.partition(":")[0]) for put_body, reason in dead.put] == [(body, "malformed")]


def test_a_message_that_cannot_be_put_away_comes_again() -> None:
    dead = DeadLetters(failure=RetryableError("the queue does not answer"))
    assert failed(consumed(batch("no json", BODY), Consumer(), dead)) == ["message-1"]
