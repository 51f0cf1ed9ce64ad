"""How long something that passes by itself is waited for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Event

from azure_publisher.errors import PublishError


@dataclass(frozen=True)
class Pace:
    """In seconds."""

    longest: float = 15 * 60
    """Azure says that a role takes up to ten minutes to be known everywhere."""
    between_tries: float = 15
    between_looks: float = 2


class Patience:
    """Of one publication; it starts to run out when it is made."""

    def __init__(self, pace: Pace, cancelled: Event) -> None:
        self.pace = pace
        self._cancelled = cancelled
        self._end = time.monotonic() + pace.longest

    def pause(self, seconds: float, reason: str, remedy: str) -> None:
        """Raises PublishError when nothing more is to be waited for."""
        if time.monotonic() + seconds >= self._end:
            minutes = f"{self.pace.longest / 60:g} min"
            raise PublishError(f"{reason}; this went on for {minutes}, so it will not pass by itself: {remedy}")
        if self._cancelled.wait(seconds):
            raise PublishError(f"cancelled while it was waited for, since {reason}; the next `pulumi up` goes on")
