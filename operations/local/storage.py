"""The part of the run time's store that an operator needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Storage(Protocol):
    """What local_runtime.store.Store promises of each."""

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T: ...

    def write(self, change: Callable[[sqlite3.Connection], T]) -> T: ...

    def touch(self, topic: str) -> None: ...
