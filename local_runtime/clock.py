"""Wall-clock time in whole milliseconds, as the store keeps it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], int]
"""Milliseconds since 1970 in UTC; tests give their own."""


def system_clock() -> int:
    return time.time_ns() // 1_000_000


def moment(milliseconds: int) -> datetime:
    """As an aware datetime in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
