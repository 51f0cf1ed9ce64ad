"""How many requests may come in: so many a second, and so many at once after a quiet time."""

from __future__ import annotations

import time
from collections.abc import Callable


class TokenBucket:
    def __init__(self, *, rate_per_second: float, burst: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate_per_second
        self._burst = burst
        self._seconds = seconds
        self._tokens = float(burst)
        self._filled_at = seconds()

    def take(self) -> float:
        """0 when the request may pass, otherwise the seconds until one may."""
        now = self._seconds()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._rate
        self._tokens -= 1
        return 0.0
