"""Cron expressions as EventBridge Scheduler reads them: six fields, one of the two days a `?`, Sunday the first day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from cronsim import CronSim

EVERY_DAY = frozenset(range(1, 8))


def scheduler_cron(expression: str) -> str:
    """Of five fields that components.cron.check_cron took. Steps become lists: days of the week have none there."""
    at = CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
    minutes, hours = _field(at.minutes, range(60)), _field(at.hours, range(24))
    months = _field(at.months, range(1, 13))
    weekdays = {day % 7 + 1 for day in at.weekdays if isinstance(day, int)}
    if weekdays == EVERY_DAY:
        return f"cron({minutes} {hours} {_field(at.days, range(1, 32))} {months} ? *)"
    return f"cron({minutes} {hours} ? {months} {_field(weekdays, EVERY_DAY)} *)"


def _field(values: Iterable[int], whole: Iterable[int]) -> str:
    chosen = set(values)
    return "*" if chosen == set(whole) else ",".join(_runs(sorted(chosen)))


def _runs(values: list[int]) -> Iterator[str]:
    """Neighbours as a range, so that no expression outgrows Scheduler's 256 characters."""
    while values:
        length = next((n for n, value in enumerate(values) if value != values[0] + n), len(values))
        yield str(values[0]) if length == 1 else f"{values[0]}-{values[length - 1]}"
        values = values[length:]
