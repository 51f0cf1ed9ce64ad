"""Puts what can never succeed where Pub/Sub puts what failed too often, without waiting for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from functions.adapters.gcp.clients import PUBLISHING_SECONDS, transient_faults
from functions.entrypoints.gcp.application import ports
from functions.environment import Variable

if TYPE_CHECKING:
    from google.pubsub_v1 import PublisherClient

MAX_REASON_CHARACTERS = 1000
MAX_VALUE_BYTES = 1024
MAX_ATTRIBUTES = 100
RESERVED = "goog"
"""What Google's own attributes begin with; nobody else may publish them."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message as it is published."""

    body: bytes
    attributes: Mapping[str, str] = field(default_factory=dict)
    ordering_key: str = ""


Refuse: TypeAlias = Callable[[Letter, str], object]
"""Gets the message and the reason."""


def to_dead_letters(letter: Letter, reason: str) -> None:
    """Raises what Pub/Sub does: the message is then not done, and comes again."""
    put(ports().clients.publisher, ports().environment[Variable.DEAD_LETTERS], letter, reason)


def put(publisher: PublisherClient, topic: str, letter: Letter, reason: str) -> None:
    """One attempt: what is not put away comes again."""
    from google.pubsub_v1 import PubsubMessage

    attributes = {**_kept(letter.attributes), "reason": reason[:MAX_REASON_CHARACTERS]}
    message = PubsubMessage(
        data=letter.body,
        attributes={name: _cut(value) for name, value in attributes.items()},
        ordering_key=letter.ordering_key,
    )
    with transient_faults(of="Pub/Sub"):
        publisher.publish(topic=topic, messages=[message], retry=None, timeout=PUBLISHING_SECONDS)


def _kept(attributes: Mapping[str, str]) -> Mapping[str, str]:
    ours = ((name, value) for name, value in attributes.items() if not name.startswith(RESERVED))
    return dict(islice(ours, MAX_ATTRIBUTES - 1))


def _cut(value: str) -> str:
    """As much of it as Pub/Sub takes, in UTF-8."""
    return value.encode(errors="replace")[:MAX_VALUE_BYTES].decode(errors="ignore")
