"""The console of a local system: its ports, answered by the run time that it is part of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from starlette.types import ASGIApp

from console import ports
from console.application import application
from console.local_flow import flow
from console.site import Site
from local_runtime.console import PREFIX, Watched
from local_runtime.errors import StoreError
from local_runtime.faults import Fault, FaultRefusedError, Faults
from local_runtime.store import Store
from operations.local import open_operations
from operations.ports import DeadLetter, DeadLetters


def console(watched: Watched, stop: Event) -> ASGIApp:
    """What the run time calls by name when the console is first asked for."""
    return application(site(watched), stop)


def site(watched: Watched) -> Site:
    operations = open_operations(watched.home, watched.store)
    return Site(
        name="local system",
        prefix=PREFIX,
        operations=replace(operations, dead_letters=RunTimeLetters(operations.dead_letters)),
        flow=flow(watched.declared),
        health=RunTimeHealth(watched.health),
        changes=Commits(watched.store),
        faults=RunTimeFaults(watched.faults),
    )


@dataclass(frozen=True)
class RunTimeHealth:
    """A console.ports.Health."""

    ask: Callable[[], Mapping[str, Any]]

    def alarms(self) -> Sequence[ports.Alarm]:
        return [ports.Alarm(name=name, value=value) for name, value in sorted(self.ask()["alarms"].items())]

    def loops(self) -> Sequence[ports.Loop]:
        return [
            ports.Loop(name=name, is_running=loop["running"], restarts=loop["restarts"], last_error=loop["last_error"])
            for name, loop in sorted(self.ask()["loops"].items())
        ]


@dataclass(frozen=True)
class Commits:
    """A console.ports.Changes: whatever this process changed was committed by its store."""

    store: Store

    def mark(self) -> object:
        return self.store.commits


@dataclass(frozen=True)
class RunTimeLetters:
    """An operations.ports.DeadLetters that raises console.ports.UnwritableError, too."""

    letters: DeadLetters

    def of(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        return self.letters.of(queue, limit)

    def redrive(self, queue: str, *, message_id: str | None = None) -> int:
        with _raised_as_ports_say():
            return self.letters.redrive(queue, message_id=message_id)


@dataclass(frozen=True)
class RunTimeFaults:
    """A console.ports.FaultSwitch."""

    faults: Faults

    def tasks(self) -> Sequence[str]:
        return self.faults.tasks()

    def armed(self) -> Sequence[ports.Armed]:
        return [
            ports.Armed(task=each.task, fault=ports.Fault(each.fault.value), orders_left=each.orders_left)
            for each in self.faults.armed()
        ]

    def arm(self, task: str, fault: ports.Fault, orders: int) -> None:
        with _raised_as_ports_say():
            self.faults.arm(task, Fault(fault.value), orders)

    def disarm(self, task: str) -> None:
        with _raised_as_ports_say():
            self.faults.disarm(task)


@contextmanager
def _raised_as_ports_say() -> Iterator[None]:
    try:
        yield
    except FaultRefusedError as error:
        raise ports.FaultRefusedError(str(error)) from None
    except StoreError as error:
        raise ports.UnwritableError(str(error)) from None
