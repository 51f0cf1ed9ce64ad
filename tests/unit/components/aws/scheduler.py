"""When EventBridge Scheduler calls: its cron as its user guide describes it, read from the text alone.

Six fields; a field is `*`, `?` or a list of numbers and ranges; one of the two days is `?`; days of the week count from
1 for Sunday. Anything else is refused, as Scheduler would.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

EXPRESSION = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
LIST = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*")
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
DAY_OF_MONTH, DAY_OF_WEEK = 2, 4


def calls(expression: str, start: datetime, length: timedelta) -> list[datetime]:
    """Every call from `start` on, for `length`, in the zone of `start`."""
    fields = _fields(expression)
    days = [start + timedelta(days=day) for day in range(length // timedelta(days=1))]
    return [
        day.replace(hour=hour, minute=minute)
        for day in days
        if all(value in fields[place] for place, value in _date(day).items())
        for hour in sorted(fields[1])
        for minute in sorted(fields[0])
    ]


def _date(day: datetime) -> dict[int, int]:
    return {2: day.day, 3: day.month, 4: day.isoweekday() % 7 + 1, 5: day.year}


def _fields(expression: str) -> list[frozenset[int]]:
    found = EXPRESSION.fullmatch(expression)
    assert found, f"{expression} is no cron expression of Scheduler"
    texts = found.groups()
    assert [texts[DAY_OF_MONTH], texts[DAY_OF_WEEK]].count("?") == 1, f"{expression}: one of the days has to be ?"
    assert "?" not in (text for place, text in enumerate(texts) if place not in (DAY_OF_MONTH, DAY_OF_WEEK))
    return [_values(text, *bounds) for text, bounds in zip(texts, BOUNDS, strict=True)]


def _values(text: str, lowest: int, highest: int) -> frozenset[int]:
    if text in ("*", "?"):
        return frozenset(range(lowest, highest + 1))
    assert LIST.fullmatch(text), f"{text} is no list of numbers and ranges"
    ends = [[int(end) for end in part.split("-")] for part in text.split(",")]
    values = frozenset(value for part in ends for value in range(part[0], part[-1] + 1))
    assert values <= set(range(lowest, highest + 1)), f"{text} is not within {lowest} to {highest}"
    return values
