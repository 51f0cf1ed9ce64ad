"""A dry run of a redrive, by what is shown of a queue: no more of its dead letters can be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from operations.ports import DeadLetter, QueueState


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What would be sent back: `count` dead letters, of which these are `listed`."""

    count: int
    listed: Sequence[DeadLetter]


def trial(state: QueueState, shown: Sequence[DeadLetter], message_id: str | None) -> Trial:
    """Of all that died in the queue, or of the one, which is found if it is among those shown."""
    if message_id is None:
        return Trial(count=state.dead_letters, listed=shown)
    found = [letter for letter in shown if letter.id == message_id]
    return Trial(count=len(found), listed=found)
