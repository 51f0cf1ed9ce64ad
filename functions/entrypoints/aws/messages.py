"""The consumers of the queues: each message for itself, whose body is the event's JSON.

What can never succeed goes to the queue's dead letters at once, with the reason, and is done; what else fails is
reported, and comes again until the queue itself gives it up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeAlias

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType

from functions import logs
from functions.bootstrap import App
from functions.codec import decode_event
from functions.domain.errors import PermanentError
from functions.domain.events import Event
from functions.entrypoints.aws.application import application
from functions.entrypoints.aws.dead_letters import Put, set_apart, to_dead_letters
from functions.entrypoints.aws.observed import Handler, LambdaContext

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

logger = logging.getLogger(__name__)

Consume: TypeAlias = Callable[[Event, bytes], object]
"""Gets the event and the message's body."""


def _of_a_queue(consume: Callable[[App, Event, bytes], object]) -> Handler:
    """The handler of a queue whose messages are consumed so."""

    @wraps(consume)
    def handler(event: Any, context: LambdaContext) -> PartialItemFailureResponse:  # noqa: ANN401 -- as Lambda's poller sends it
        return consumed(event, partial(consume, application()))

    return handler


@_of_a_queue
def fulfil(app: App, placed: Event, body: bytes) -> None:
    app.fulfil_order(placed)


@_of_a_queue
def project_demand(app: App, placed: Event, body: bytes) -> None:
    app.project_demand(placed)


@_of_a_queue
def notify_customer(app: App, ended: Event, body: bytes) -> None:
    app.notify_customer(ended)


@_of_a_queue
def archive_events(app: App, event: Event, body: bytes) -> None:
    app.archive_events(event, body)


def consumed(
    event: Any,  # noqa: ANN401 -- as above
    consume: Consume,
    put: Put = to_dead_letters,
) -> PartialItemFailureResponse:
    """A batch that fails as a whole is reported by its messages too: it is no failure of the function."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(records=event["Records"], handler=partial(_handled, consume=consume, put=put)):
        processor.process()
    return processor.response()


def _handled(record: SQSRecord, *, consume: Consume, put: Put) -> None:
    with logs.context(message_id=record.message_id):
        try:
            _consumed(record.body, consume, put)
        except Exception as error:
            logger.warning("message failed", exc_info=error)
            raise


def _consumed(text: str, consume: Consume, put: Put) -> None:
    body = text.encode()
    try:
        event = decode_event(body)
        logs.bind(order_id=event.order_id, tenant=event.tenant)
        consume(event, body)
    except PermanentError as error:
        set_apart(text, error, put)
