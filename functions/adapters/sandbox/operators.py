"""Where notifications for the operators go while no webhook is configured: the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from functions.domain.events import Json

logger = logging.getLogger(__name__)


class LoggedNotifications:
    """A functions.ports.OpsChannel."""

    def notify(self, *, key: str, message: Mapping[str, Json]) -> None:
        logger.warning("operators notified", extra={"key": key, "notification": dict(message)})
