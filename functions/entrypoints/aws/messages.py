"""The consumers of the queues: each message for itself, whose body is the event's JSON.

What can never succeed goes to the queue's dead letters at once, with the reason, and is done; what else fails is
reported, and comes again until the queue itself gives it up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType

from functions import logs
from functions.codec import decode_event
from functions.domain.errors import PermanentError
from functions.domain.events import Event
from functions.entrypoints.aws.application import application
from functions.entrypoints.aws.dead_letters import to_dead_letters
from functions.entrypoints.aws.observed import LambdaContext, Metric, count

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

logger = logging.getLogger(__name__)

Consume: TypeAlias = Callable[[Event, bytes], object]
"""Gets the event and the message's body."""
Refuse: TypeAlias = Callable[[str, str], None]
"""Gets the message's body and the reason."""


def fulfil(event: Any, context: LambdaContext) -> PartialItemFailureResponse:  # noqa: ANN401 -- as Lambda's poller sends it
    return consumed(event, lambda placed, _: application().fulfil_order(placed))


def project_demand(event: Any, context: LambdaContext) -> PartialItemFailureResponse:  # noqa: ANN401
    return consumed(event, lambda placed, _: application().project_demand(placed))


def notify_customer(event: Any, context: LambdaContext) -> PartialItemFailureResponse:  # noqa: ANN401
    return consumed(event, lambda ended, _: application().notify_customer(ended))


def archive_events(event: Any, context: LambdaContext) -> PartialItemFailureResponse:  # noqa: ANN401
    return consumed(event, application().archive_events)


def consumed(
    event: Any,  # noqa: ANN401 -- as above
    consume: Consume,
    refuse: Refuse = to_dead_letters,
) -> PartialItemFailureResponse:
    """A batch that fails as a whole is reported by its messages too: it is no failure of the function."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(records=event["Records"], handler=partial(_handled, consume=consume, refuse=refuse)):
        processor.process()
    return processor.response()


def _handled(record: SQSRecord, *, consume: Consume, refuse: Refuse) -> None:
    with logs.context(message_id=record.message_id):
        try:
            _consumed(record.body, consume, refuse)
        except Exception as error:
            logger.warning("message failed", exc_info=error)
            raise


def _consumed(text: str, consume: Consume, refuse: Refuse) -> None:
    body = text.encode()
    try:
        event = decode_event(body)
        logs.bind(order_id=event.order_id, tenant=event.tenant)
        consume(event, body)
    except PermanentError as error:
        reason = f"{error.code}: {error}"
        refuse(text, reason)
        count(Metric.MESSAGES_REFUSED)
        logger.warning("message refused", extra={"reason": reason})
