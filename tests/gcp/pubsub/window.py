"""How many pushes of a subscription are under way at once: Pub/Sub's slow start, which it calls the push window.

It begins small, grows with each success, so twofold with each round of them, and is halved by a failure, 429 among
them (cloud.google.com/pubsub/docs/push#push_backoff). By how much exactly is not documented.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition

FIRST = 3
MOST = 100


@dataclass
class Window:
    size: int = FIRST
    under_way: int = 0
    _changed: Condition = field(default_factory=Condition)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Waits until there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self.under_way < self.size)
            self.under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self.under_way -= 1
                self._changed.notify_all()

    def note(self, *, is_success: bool) -> None:
        with self._changed:
            self.size = min(self.size + 1, MOST) if is_success else max(self.size // 2, 1)
            self._changed.notify_all()
