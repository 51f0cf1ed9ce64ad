"""What the local target adds for operators: speed by index, a bell for its own consumers, a file that is looked at."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from functions.domain.order import OrderStatus
from local_runtime import acknowledged
from local_runtime.errors import StoreError
from operations.local import open_operations, reach_folder
from operations.local.outside import OutsideFile
from operations.ports import Operations
from tests.architecture.source import ROOT
from tests.conformance.operated import LocalOperated, operated_beside, operated_within
from tests.explaining import ExplainingConnection
from tests.unit.functions.orders import placed

T = TypeVar("T")


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[LocalOperated]:
    with operated_beside(tmp_path) as operated:
        yield operated


@dataclass
class Explaining:
    """A storage that asks SQLite how it goes about each query."""

    storage: OutsideFile
    plans: list[str] = field(default_factory=list)

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        return self.storage.read(lambda connection: query(self._explained(connection)))

    def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        return self.storage.write(lambda connection: change(self._explained(connection)))

    def touch(self, topic: str) -> None:
        self.storage.touch(topic)

    def _explained(self, connection: sqlite3.Connection) -> Any:  # noqa: ANN401 -- as much of one as is used
        return ExplainingConnection(connection, self.plans)


def ask_for_everything(operations: Operations) -> None:
    order, _ = placed()
    operations.orders.find(order.order_id)
    operations.orders.timeline(order)
    operations.orders.newest(20, status=OrderStatus.FAILED)
    operations.saga_runs.find(order.order_id)
    operations.queues.states()
    operations.dead_letters.of("fulfilment", 20)
    operations.dead_letters.redrive("fulfilment", message_id="m")


def test_nothing_that_is_asked_scans_or_sorts_a_table(beside: LocalOperated) -> None:
    explaining = Explaining(OutsideFile(beside.home.database))
    ask_for_everything(open_operations(beside.home, explaining))
    assert len(explaining.plans) >= 10
    assert [plan for plan in explaining.plans if plan.startswith("SCAN") or "TEMP B-TREE" in plan] == []


def test_the_newest_orders_of_all_are_read_off_the_end_of_an_index(beside: LocalOperated) -> None:
    explaining = Explaining(OutsideFile(beside.home.database))
    open_operations(beside.home, explaining).orders.newest(20)
    assert explaining.plans == ["SCAN orders USING INDEX sqlite_autoindex_orders_1"]


def test_consumers_of_the_same_process_hear_of_a_redrive(tmp_path: Path) -> None:
    with operated_within(tmp_path) as operated:
        operated.kill("fulfilment", "m", "bad")
        bell = operated.store.listen("queue/fulfilment")
        operated.operations.dead_letters.redrive("fulfilment")
        assert bell.wait(5)


def test_a_stopped_system_is_looked_at_and_written_to(tmp_path: Path) -> None:
    with operated_within(tmp_path) as operated:
        operated.kill("fulfilment", "m", "bad")
    with reach_folder(tmp_path) as operations:
        assert [letter.id for letter in operations.dead_letters.of("fulfilment", 10)] == ["m"]
        assert operations.dead_letters.redrive("fulfilment") == 1
        assert operations.queues.states()[0].depth == 1


def test_nothing_is_written_over_a_log_that_lost_what_was_answered(beside: LocalOperated) -> None:
    beside.kill("fulfilment", "m", "bad")
    acknowledged.beside(beside.home.database).write_text("1000000")
    with pytest.raises(StoreError, match="all of them answered"):
        beside.operations.dead_letters.redrive("fulfilment")
    assert len(beside.operations.dead_letters.of("fulfilment", 10)) == 1


def test_a_file_of_another_version_or_none_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "orders.sqlite"
    path.write_bytes(b"no database at all, and long enough to be looked at as the header of one" * 2)
    with pytest.raises(StoreError, match="is damaged"):
        OutsideFile(path).read(lambda connection: connection.execute("SELECT 1").fetchone())
    path.unlink()
    sqlite3.connect(path).close()
    with pytest.raises(StoreError, match="has schema version 0"):
        OutsideFile(path).read(lambda connection: connection.execute("SELECT 1").fetchone())


def command(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "operations", "--home", str(folder), *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_reader_that_has_had_enough_ends_the_command_quietly(beside: LocalOperated, tmp_path: Path) -> None:
    beside.kill("fulfilment", "m", "x" * 5_000_000)
    with command(tmp_path, "dead-letters") as asked:
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdout.read(10)
        asked.stdout.close()
        said = asked.stderr.read()
    assert (asked.returncode, said) == (0, b"")


def test_what_the_terminal_cannot_write_is_escaped(beside: LocalOperated, tmp_path: Path) -> None:
    beside.kill("fulfilment", "m", "Zoë")
    printed, said = command(tmp_path, "dead-letters", PYTHONIOENCODING="ascii").communicate()
    assert (printed.endswith(b"\tZo\\xeb\n"), said) == (True, b"")


def test_a_damaged_file_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "orders.sqlite").write_bytes(b"x" * 5000)
    asked = command(tmp_path, "orders")
    printed, said = asked.communicate()
    assert (asked.returncode, printed, said.count(b"\n")) == (2, b"", 1)
    assert b"is damaged" in said
