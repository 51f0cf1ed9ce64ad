"""Firestore's feed to the bus: Eventarc calls with one event document that was created, until it is answered by a 2xx.

It keeps no order, delivers at least once, and gives an event up after a day, in silence. So an event that could not be
published until shortly before that is set apart, as what is no event is at once: among dead letters, which are a topic.
While Pub/Sub itself is out neither can be done, and every call fails until it is back. An outage of more than a day
leaves the event where it was written, in its order's timeline.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from functions import logs
from functions.api.messages import Request, Response
from functions.api.problems import INVALID_REQUEST, ProblemError
from functions.codec import MalformedError, attribute_texts, decode_event
from functions.domain.events import Event
from functions.entrypoints.answers import only_post
from functions.entrypoints.gcp.application import application
from functions.entrypoints.gcp.dead_letters import Letter, Refuse, to_dead_letters
from functions.entrypoints.gcp.observed import DONE
from functions.environment import Variable
from functions.services.relay_events import RelayEvents

if TYPE_CHECKING:
    from google.events.cloud.firestore import DocumentEventData

CREATED = "google.cloud.firestore.document.v1.created"
BODY = "body"
"""The field of an event document that has the event's JSON."""
GIVEN_UP_AFTER = timedelta(hours=23)
"""Eventarc keeps an event for 24 hours; the last of them is for setting it apart."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Relay:
    relay_events: RelayEvents
    high_value_minor: int
    now: Callable[[], datetime]
    refuse: Refuse = to_dead_letters

    def __call__(self, request: Request) -> Response:
        """Raises a failure of the bus, so that the event comes again."""
        only_post(request)
        document = _header(request, "ce-document")
        with logs.context(cloud_event=_header(request, "ce-id"), document=document):
            try:
                body = _body_of(request)
                event = decode_event(body)
            except MalformedError as error:
                logger.error("a document of the feed is no event", extra={"reason": str(error)})
                self.refuse(Letter(body=request.body, attributes={"document": document}), f"{error.code}: {error}")
            else:
                logs.bind(order_id=event.order_id, tenant=event.tenant)
                self._publish(event, body, request)
        return DONE

    def _publish(self, event: Event, body: bytes, request: Request) -> None:
        """What is set apart has the attributes that it has on the bus, so that it can be published there by hand."""
        try:
            self.relay_events([event])
        except Exception as error:
            if not _is_given_up_soon(request, self.now()):
                raise
            logger.error("an event could not be published for too long", exc_info=error)
            letter = Letter(body=body, attributes=attribute_texts(event, self.high_value_minor))
            self.refuse(letter, f"{type(error).__name__}: {error}")


def relay(request: Request) -> Response:
    app = application()
    relayed = Relay(
        relay_events=app.relay_events,
        high_value_minor=app.environment.integer(Variable.HIGH_VALUE_MINOR),
        now=app.ports.clock.now,
    )
    return relayed(request)


def _body_of(request: Request) -> bytes:
    """The event's JSON in the document that was created."""
    kind = _header(request, "ce-type")
    if kind != CREATED:
        raise MalformedError(f"this is an event of the type {kind}, not {CREATED}")
    value = _data(request.body).value.fields.get(BODY)
    if value is None:
        raise MalformedError(f"the document has no field {BODY}")
    return value.bytes_value or value.string_value.encode()


def _data(body: bytes) -> DocumentEventData:
    from google.events.cloud.firestore import DocumentEventData
    from google.protobuf.message import DecodeError

    try:
        data: DocumentEventData = DocumentEventData.deserialize(body)
    except DecodeError as error:
        raise MalformedError(f"the call has no document: {error}") from None
    return data


def _header(request: Request, name: str) -> str:
    """An attribute of the CloudEvent; raises a 400 where there is none, for then Eventarc did not call."""
    value = request.headers.get(name)
    if not value:
        raise ProblemError(INVALID_REQUEST, f"this is no CloudEvent of Firestore: it has no header {name}")
    return value


def _is_given_up_soon(request: Request, now: datetime) -> bool:
    """By the moment of the write; a call that does not tell it is not given up."""
    try:
        return now - datetime.fromisoformat(request.headers.get("ce-time", "")) > GIVEN_UP_AFTER
    except (ValueError, TypeError):
        return False
