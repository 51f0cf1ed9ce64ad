"""Puts what can never succeed where Service Bus puts what failed too often, without waiting for that.

By plain HTTP, which Service Bus takes beside AMQP, and in the form of a batch, which alone has properties of any text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import TypeAlias

import msgspec

from functions.adapters.azure.rest import Service
from functions.entrypoints.azure.application import ports
from functions.environment import Variable

SCOPE = "https://servicebus.azure.net/.default"
BATCH = "application/vnd.microsoft.servicebus.json"
"""learn.microsoft.com/rest/api/servicebus/send-message-batch"""
TAKEN = 201
MAX_BODY_BYTES = 100_000
"""Of a body that has to be taken: a message has 256 KB, and a body may double when it becomes text in JSON."""
MAX_REASON_CHARACTERS = 1000
MAX_VALUE_CHARACTERS = 1024
MAX_ATTRIBUTES = 100
MAX_ID_CHARACTERS = 128


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message as it is sent. One whose answer was lost is sent again, and is then there twice: its id tells."""

    id: str
    body: bytes
    attributes: Mapping[str, str] = field(default_factory=dict)


Refuse: TypeAlias = Callable[[Letter, str], object]
"""Gets the message and the reason."""


def to_dead_letters(letter: Letter, reason: str) -> None:
    """To those of the app's own trigger. Raises what Service Bus does: what is not put away comes again."""
    put(_queue(), letter, reason)


def put(queue: Service, letter: Letter, reason: str) -> None:
    attributes = dict(islice(letter.attributes.items(), MAX_ATTRIBUTES - 1))
    told = {name: cut(value) for name, value in attributes.items()}
    message = {
        # Text alone can be sent so; what is none in UTF-8 can still be read.
        "Body": letter.body.decode(errors="backslashreplace"),
        "BrokerProperties": {"MessageId": cut(letter.id, MAX_ID_CHARACTERS), "ContentType": "application/json"},
        "UserProperties": {**told, "reason": cut(reason, MAX_REASON_CHARACTERS)},
    }
    reply = queue.post("/messages", {"Content-Type": BATCH}, msgspec.json.encode([message]))
    if reply.status != TAKEN:
        raise queue.refused(reply)


@cache
def _queue() -> Service:
    return Service("Service Bus", ports().environment[Variable.DEAD_LETTERS], ports().clients.token_for(SCOPE))


def cut(text: str, characters: int = MAX_VALUE_CHARACTERS) -> str:
    """JSON has no half of a surrogate pair, which an error may quote."""
    return text[:characters].encode(errors="replace").decode()
