"""What the suite asks of a driver."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, runtime_checkable

from tests.conformance.saga.case import Case
from tests.conformance.saga.trace import Trace


class Engine(Protocol):
    """Starts what it needs when it is entered, and ends it when it is left."""

    @property
    def name(self) -> str: ...

    @property
    def unproven(self) -> Mapping[str, tuple[str, str]]:
        """The rules that it does not execute: whether they hold by the provider's word or not at all, and why."""
        ...

    @property
    def levelled(self) -> tuple[str, ...]:
        """Where what runs differs from the cloud's own engine, and the driver evens it out."""
        ...

    def __enter__(self) -> Engine: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...

    def run(self, case: Case) -> Trace:
        """Run the case from its start to its end and say what happened.

        The waits between attempts are left out or made short; nothing else of the saga is changed.
        """
        ...


@runtime_checkable
class ShowsWaits(Protocol):
    """A driver that can tell how long its engine waited."""

    def waits(self, case: Case) -> list[float]:
        """The seconds before each further attempt of a call, in the order of the attempts."""
        ...
