"""The consumers of the queues: one message of Service Bus to a call, whose body is a CloudEvent about an event of ours.

What can never succeed goes to the queue's dead letters at once, with the reason, and is done; what else fails is held
for a while, then raised, and comes again until Service Bus itself gives it up.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from functions import logs
from functions.codec import MalformedError, decode_event
from functions.domain.errors import PermanentError
from functions.domain.events import Event
from functions.entrypoints.azure.application import application
from functions.entrypoints.azure.dead_letters import Letter, Refuse, to_dead_letters
from functions.entrypoints.azure.triggers import Delivery
from functions.environment import Environment, Variable
from functions.structs import decode

logger = logging.getLogger(__name__)

Consume: TypeAlias = Callable[[Event, bytes], object]
"""Gets the event and its JSON."""


class _CloudEvent(msgspec.Struct):
    """What Event Grid makes of a published event, in JSON's own form of CloudEvents."""

    specversion: Literal["1.0"]
    data: msgspec.Raw


def fulfil(delivery: Delivery) -> None:
    consumed(delivery, lambda placed, _: application().fulfil_order(placed))


def project_demand(delivery: Delivery) -> None:
    consumed(delivery, lambda placed, _: application().project_demand(placed))


def notify_customer(delivery: Delivery) -> None:
    consumed(delivery, lambda ended, _: application().notify_customer(ended))


def archive_events(delivery: Delivery) -> None:
    consumed(delivery, lambda event, body: application().archive_events(event, body))


def consumed(delivery: Delivery, consume: Consume, refuse: Refuse = to_dead_letters) -> None:
    """Raises whatever may succeed the next time."""
    began = time.monotonic()
    with logs.context(message_id=delivery.id, delivery_attempt=str(delivery.attempt)):
        try:
            _consumed_or_refused(delivery, consume, refuse)
        except Exception as error:
            logger.warning("message failed", exc_info=error)
            _hold(began)
            raise


def _consumed_or_refused(delivery: Delivery, consume: Consume, refuse: Refuse) -> None:
    try:
        _consumed(delivery.body, consume)
    except PermanentError as error:
        reason = f"{error.code}: {error}"
        refuse(_letter(delivery), reason)
        logger.warning("message refused", extra={"reason": reason})


def _consumed(body: bytes, consume: Consume) -> None:
    told = _data_of(body)
    event = decode_event(told)
    logs.bind(order_id=event.order_id, tenant=event.tenant)
    consume(event, told)


def _hold(began: float) -> None:
    """Service Bus gives what was given back to the next at once: in an outage all tries would be over in a second."""
    seconds = float(Environment.from_process().get(Variable.HELD_SECONDS) or 0)
    time.sleep(max(0.0, began + seconds - time.monotonic()))


def _letter(delivery: Delivery) -> Letter:
    """Its id is another one if the message is sent back and refused once more, and the same if it is only put twice."""
    told = {**delivery.attributes, "delivery_attempt": str(delivery.attempt)}
    return Letter(id=f"{delivery.sequence}:{delivery.id}", body=delivery.body, attributes=told)


def _data_of(body: bytes) -> bytes:
    try:
        return bytes(decode(body, _CloudEvent).data)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"this is no CloudEvent: {error}") from None
