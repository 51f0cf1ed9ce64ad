"""Watches what was declared to be alarming, shows it and logs each change once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import TypeAlias

from local_runtime.declarations import Alarm

LOOK_EVERY_SECONDS = 5.0
Metric: TypeAlias = Callable[[str], float]
"""The value for one resource; an empty name means all of them together."""
logger = logging.getLogger(__name__)


class Alarms:
    """An alarm is raised while its metric is above its threshold."""

    def __init__(
        self, declared: Sequence[Alarm], metrics: Mapping[str, Metric], every_seconds: float = LOOK_EVERY_SECONDS
    ) -> None:
        self._declared = declared
        self._metrics = metrics
        self._every_seconds = every_seconds
        self._raised: dict[str, float] = {}

    def run(self, stop: Event) -> None:
        while not stop.is_set():
            self.look()
            stop.wait(self._every_seconds)

    def wake(self) -> None:
        """Nothing to do: the loop waits for the stop itself."""

    def raised(self) -> dict[str, float]:
        """Name and value of each raised alarm at the last look."""
        return dict(self._raised)

    def look(self) -> None:
        for alarm in self._declared:
            value = self._metrics[alarm.metric](alarm.resource)
            if value > alarm.threshold:
                self._raise(alarm, value)
            elif self._raised.pop(alarm.name, None) is not None:
                logger.warning("alarm is over", extra={"alarm": alarm.name, "value": value})

    def _raise(self, alarm: Alarm, value: float) -> None:
        if alarm.name not in self._raised:
            logger.error("alarm", extra={"alarm": alarm.name, "value": value, "threshold": alarm.threshold})
        self._raised[alarm.name] = value
