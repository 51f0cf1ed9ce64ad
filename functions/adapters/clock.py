"""The clock of the machine, the same on every target."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """A functions.ports.Clock."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
