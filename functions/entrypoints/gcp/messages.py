"""The consumers of the queues: Pub/Sub pushes one message to a call, whose data is the event's JSON.

What can never succeed goes to the queue's dead letters at once, with the reason, and is done; what else fails is
answered as a failure, and comes again until Pub/Sub itself gives it up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import msgspec

from functions import logs, structs
from functions.api.messages import Request, Response
from functions.api.problems import INVALID_REQUEST, ProblemError
from functions.codec import decode_event
from functions.domain.errors import PermanentError
from functions.domain.events import Event
from functions.entrypoints.answers import only_post
from functions.entrypoints.gcp.application import application
from functions.entrypoints.gcp.dead_letters import Letter, Refuse, to_dead_letters
from functions.entrypoints.gcp.observed import DONE

logger = logging.getLogger(__name__)

STRUCTURED = "application/cloudevents+json"
"""The media type of a CloudEvent whose data is one of its fields; of any other one the data is the body."""

T = TypeVar("T")
Consume: TypeAlias = Callable[[Event, bytes], object]
"""Gets the event and the message's data."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message and what Pub/Sub says of this try; `attempt` is None without a dead-letter policy, else 1 at first."""

    id: str
    letter: Letter
    subscription: str
    attempt: int | None


class _Message(msgspec.Struct, rename="camel"):
    message_id: str
    data: bytes = b""
    attributes: dict[str, str] = {}
    ordering_key: str = ""


class _Push(msgspec.Struct, rename="camel"):
    message: _Message
    subscription: str = ""
    delivery_attempt: int | None = None


class _CloudEvent(msgspec.Struct):
    data: _Push


def fulfil(request: Request) -> Response:
    return consumed(request, lambda placed, _: application().fulfil_order(placed))


def project_demand(request: Request) -> Response:
    return consumed(request, lambda placed, _: application().project_demand(placed))


def notify_customer(request: Request) -> Response:
    return consumed(request, lambda ended, _: application().notify_customer(ended))


def archive_events(request: Request) -> Response:
    return consumed(request, lambda event, body: application().archive_events(event, body))


def notify_ops(request: Request) -> Response:
    return consumed(request, lambda placed, _: application().notify_ops(placed))


def consumed(request: Request, consume: Consume, refuse: Refuse = to_dead_letters) -> Response:
    """Raises whatever may succeed the next time."""
    delivery = pushed(request)
    told = {"message_id": delivery.id, "ordering_key": delivery.letter.ordering_key}
    with logs.context(**told, delivery_attempt=str(delivery.attempt or "")):
        try:
            _consumed(delivery.letter.body, consume)
        except PermanentError as error:
            reason = f"{error.code}: {error}"
            refuse(delivery.letter, reason)
            logger.warning("message refused", extra={"reason": reason})
    return DONE


def pushed(request: Request) -> Delivery:
    """Of a push as Pub/Sub wraps it, or of a CloudEvent that Eventarc makes of one. Raises a 400 for anything else."""
    only_post(request)
    is_structured = request.headers.get("content-type", "").lower().startswith(STRUCTURED)
    push = _decoded(request.body, _CloudEvent).data if is_structured else _decoded(request.body, _Push)
    message = push.message
    return Delivery(
        id=message.message_id,
        letter=Letter(body=message.data, attributes=message.attributes, ordering_key=message.ordering_key),
        subscription=push.subscription,
        attempt=push.delivery_attempt,
    )


def _decoded(body: bytes, type_: type[T]) -> T:
    try:
        return structs.decode(body, type_)
    except (ValueError, RecursionError) as error:
        raise ProblemError(INVALID_REQUEST, f"this is no push of Pub/Sub: {error}") from None


def _consumed(body: bytes, consume: Consume) -> None:
    event = decode_event(body)
    logs.bind(order_id=event.order_id, tenant=event.tenant)
    consume(event, body)
