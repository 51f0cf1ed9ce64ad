"""Which queues and workflows the system has: those that its run time follows."""

from __future__ import annotations

from functools import cached_property

from local_runtime.declarations import Queue, Workflow
from local_runtime.declared import Declared
from local_runtime.home import Home
from local_runtime.loading import load
from operations.ports import NoSuchQueueError


class DeclaredNames:
    """Read when the first of them is asked for, so that orders can be seen whatever was declared."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @property
    def queues(self) -> list[str]:
        return sorted(self._declared.all(Queue))

    @property
    def workflows(self) -> list[str]:
        return sorted(self._declared.all(Workflow))

    def require_queue(self, queue: str) -> None:
        if queue not in self.queues:
            raise NoSuchQueueError(f"there is no queue {queue!r:.100}; there are {', '.join(self.queues)}")

    @cached_property
    def _declared(self) -> Declared:
        return load(self._home)
