"""Calls functions by the clock: each tick at most once, and a tick that was missed while down once at the start."""

from __future__ import annotations

import logging
import sqlite3
from datetime import datetime
from threading import Event
from zoneinfo import ZoneInfo

from cronsim import CronSim

from local_runtime.client import Tick
from local_runtime.clock import Clock, moment, system_clock
from local_runtime.declarations import Schedule
from local_runtime.functions import Caller
from local_runtime.store import Store

LONGEST_WAIT_SECONDS = 60.0
"""So that a clock that was set forward is noticed."""
logger = logging.getLogger(__name__)


class ScheduleLoop:
    """One schedule. A tick is noted before its call, so that a crash never makes two calls of it; a call that fails is
    not made again before the next tick.
    """

    def __init__(self, schedule: Schedule, store: Store, functions: Caller, clock: Clock = system_clock) -> None:
        self._schedule = schedule
        self._store = store
        self._functions = functions
        self._clock = clock

    def run(self, stop: Event) -> None:
        while not stop.is_set():
            stop.wait(self.tick())

    def wake(self) -> None:
        """Nothing to do: the loop waits for the stop itself."""

    def tick(self) -> float:
        """Make the call of the last tick if it is still to be made; returns the seconds until there may be another."""
        now = self._clock()
        due = self._last_tick(now)
        # A schedule that is switched off lets its ticks pass, lest switching it on makes up for an old one.
        is_ours = self._store.write(lambda connection: self._claim(connection, due, now))
        if is_ours and self._schedule.enabled:
            self._call(due)
        return self._seconds_until_next(self._clock())

    def _claim(self, connection: sqlite3.Connection, due: int, now: int) -> bool:
        """True if nobody called for this tick; a schedule seen for the first time begins with its next tick."""
        name = self._schedule.name
        row = connection.execute("SELECT last_tick_ms FROM schedule_ticks WHERE schedule = ?", (name,)).fetchone()
        if row is None:
            connection.execute("INSERT INTO schedule_ticks VALUES (?, ?)", (name, now))
            return False
        if due <= row[0]:
            return False
        connection.execute("UPDATE schedule_ticks SET last_tick_ms = ? WHERE schedule = ?", (due, name))
        return True

    def _call(self, due: int) -> None:
        try:
            self._functions.call(self._schedule.function, Tick(schedule=self._schedule.name, at=moment(due)))
        except Exception as error:  # noqa: BLE001 -- Functions has logged it; the next tick is another chance
            logger.warning("scheduled call failed", extra={"schedule": self._schedule.name, "reason": str(error)})

    def _last_tick(self, now: int) -> int:
        return _milliseconds(next(CronSim(self._schedule.cron, self._local(now + 1), reverse=True)))

    def _seconds_until_next(self, now: int) -> float:
        ticks = map(_milliseconds, CronSim(self._schedule.cron, self._local(now)))
        # In the hour that the end of summer time repeats, the first tick can be that of the hour's first time.
        following = next(tick for tick in ticks if tick > now)
        return min((following - now) / 1000, LONGEST_WAIT_SECONDS)

    def _local(self, now: int) -> datetime:
        return moment(now).astimezone(ZoneInfo(self._schedule.timezone))


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
