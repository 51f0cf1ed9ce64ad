"""What every target refuses to be asked."""

from __future__ import annotations

from operations.ports import MAX_AT_ONCE


def bounded(limit: int) -> int:
    """The limit itself; raises ValueError for one that no target answers."""
    if not 1 <= limit <= MAX_AT_ONCE:
        raise ValueError(f"a limit of {limit} is not allowed; allowed is 1 to {MAX_AT_ONCE}")
    return limit
