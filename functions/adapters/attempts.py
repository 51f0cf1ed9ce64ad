"""The waits between the attempts at something that others are in the way of, or that does not answer yet."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

_random = random.SystemRandom()
"""The system's: a seed of our own would be the same in every copy that a snapshot resumes."""


def waits(attempts: int, *, first: float, longest: float = math.inf) -> Iterator[float]:
    """Seconds before each attempt but the first, at random below a bound that doubles from `first` to `longest`.

    Who met once is not to meet again.
    """
    for attempt in range(attempts - 1):
        yield _random.uniform(0, min(first * 2**attempt, longest))


def paused(
    pause: Callable[[float], object], attempts: int, *, first: float, longest: float = math.inf
) -> Iterator[None]:
    """As often as there are attempts, with such a wait before each but the first."""
    yield
    for wait in waits(attempts, first=first, longest=longest):
        pause(wait)
        yield
