"""What one thread owes another: a value or an error, once. Cheaper than a Future, which many may wait for or cancel."""

from __future__ import annotations

from _thread import allocate_lock
from typing import Generic, TypeVar, cast

T = TypeVar("T")


class Answer(Generic[T]):
    """One thread waits, one other gives or fails; the lock is free once it did."""

    __slots__ = ("_error", "_given", "_value")

    def __init__(self) -> None:
        self._value: T | None = None
        self._error: BaseException | None = None
        self._given = allocate_lock()
        self._given.acquire()

    def give(self, value: T) -> None:
        self._value = value
        self._given.release()

    def fail(self, error: BaseException) -> None:
        self._error = error
        self._given.release()

    def wait(self) -> T:
        """The value, as soon as it is there; raises the error."""
        with self._given:
            if self._error is not None:
                raise self._error
            return cast(T, self._value)
