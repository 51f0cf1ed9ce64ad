"""Cron expressions as a timer trigger reads them: NCRONTAB, whose first field is the second."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from cronsim import CronSim


def ncrontab(expression: str) -> str:
    """Of five fields that components.cron.check_cron took. Steps become lists, and the Sunday that is a 7 a 0: of both
    NCRONTAB knows less.
    """
    at = CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
    weekdays = {day % 7 for day in at.weekdays if isinstance(day, int)}
    days = {day for day in at.days if isinstance(day, int)}
    fields = zip(expression.split(" "), (at.minutes, at.hours, days, at.months, weekdays), strict=True)
    return " ".join(("0", *(_field(written, meant) for written, meant in fields)))


def _field(written: str, meant: Iterable[int]) -> str:
    is_plain = not set(written) & set("/7")
    return written if is_plain or written == "*" else ",".join(str(value) for value in sorted(set(meant)))
