"""What can never succeed is put among the dead letters at once, with the reason, without waiting to fail too often."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

from functions.domain.errors import PermanentError
from functions.entrypoints.aws.application import ports
from functions.entrypoints.aws.observed import Metric, count

logger = logging.getLogger(__name__)

Put: TypeAlias = Callable[[str, str], None]
"""Gets a message's body and the reason."""


def to_dead_letters(body: str, reason: str) -> None:
    """To those of the function's own trigger; SQS's client is made when something is put there."""
    ports().dead_letters.put(body, reason)


def set_apart(body: str, error: PermanentError, put: Put) -> None:
    """Raises what `put` does: the message is then not done, and comes again."""
    reason = f"{error.code}: {error}"
    put(body, reason)
    count(Metric.MESSAGES_REFUSED)
    logger.warning("message refused", extra={"reason": reason})
