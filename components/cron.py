"""When a schedule fires: the cron expressions and time zones that every target reads alike."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

FIVE_FIELDS = re.compile(r"^[0-9*/,-]+( [0-9*/,-]+){4}$")


def check_cron(expression: str) -> str:
    """The expression itself; ValueError when some target could not run it."""
    if not FIVE_FIELDS.fullmatch(expression):
        raise ValueError("not five fields of numbers")
    _, _, day_of_month, _, day_of_week = expression.split(" ")
    if "*" not in (day_of_month, day_of_week):
        raise ValueError("both days are restricted")
    try:
        CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError("a field is out of range") from error
    return expression


def check_timezone(name: str) -> str:
    """The name itself; ValueError when it is not in the time zone database."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("no such time zone") from error
    return name
