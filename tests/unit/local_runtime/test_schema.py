"""A schema that has grown reaches a file that was made before, and one that has changed otherwise leaves it alone."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from local_runtime import store
from local_runtime.errors import StoreError
from local_runtime.store import Store

ORDERS = "CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, total INTEGER NOT NULL) STRICT;"
SCHEMA = "grown/schema.sql"


class Grown:
    """A file made with ORDERS, one order in it, and the schema that new code has."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database = folder / "orders.sqlite"
        self._schema = folder / "grown" / "schema.sql"
        self._schema.parent.mkdir()
        (self._schema.parent / "__init__.py").touch()
        monkeypatch.syspath_prepend(folder)
        monkeypatch.delitem(sys.modules, "grown", raising=False)
        self.become(ORDERS)
        self.ask("INSERT INTO orders VALUES ('first', 5)")

    def become(self, sql: str) -> None:
        self._schema.write_text(sql)
        store.create(self.database, [SCHEMA])

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grown:
    return Grown(tmp_path, monkeypatch)


def test_an_added_table_comes_to_a_file_that_keeps_every_row(grown: Grown) -> None:
    grown.become(ORDERS + "CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY) STRICT;")
    assert grown.ask("SELECT * FROM orders") == [("first", 5)]
    assert grown.ask("SELECT * FROM notes") == []


def test_a_run_time_that_has_the_file_open_goes_on_beside_an_added_table(grown: Grown) -> None:
    running = Store(grown.database)
    running.write(lambda connection: connection.execute("INSERT INTO orders VALUES ('second', 6)").rowcount)
    grown.become(ORDERS + "CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY) STRICT;")
    running.write(lambda connection: connection.execute("INSERT INTO orders VALUES ('third', 7)").rowcount)
    assert running.read(lambda connection: connection.execute("SELECT count(*) FROM orders").fetchone()) == (3,)
    running.close()


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("id TEXT PRIMARY KEY, total INTEGER NOT NULL, note TEXT", "lacks the column note in the table orders"),
        ("id TEXT PRIMARY KEY, total TEXT NOT NULL", "has another column total in the table orders"),
        ("id TEXT PRIMARY KEY, total INTEGER", "has another column total in the table orders"),
    ],
)
def test_a_changed_table_is_refused_by_its_column_before_anything_is_changed(
    grown: Grown, columns: str, told: str
) -> None:
    before = grown.ask("SELECT name, sql FROM sqlite_master")
    with pytest.raises(StoreError, match=f"orders.sqlite {told}.*back it up first") as refused:
        grown.become(
            f"CREATE TABLE IF NOT EXISTS notes (id TEXT); CREATE TABLE IF NOT EXISTS orders ({columns}) STRICT;"
        )
    assert "\n" not in str(refused.value)
    assert grown.ask("SELECT name, sql FROM sqlite_master") == before
    assert grown.ask("SELECT * FROM orders") == [("first", 5)]


def test_a_column_that_was_added_by_hand_as_the_schema_has_it_is_taken(grown: Grown) -> None:
    grown.ask("ALTER TABLE orders ADD COLUMN note TEXT")
    grown.become("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, note TEXT, total INTEGER NOT NULL) STRICT;")
    assert grown.ask("SELECT note FROM orders") == [(None,)]


def test_changed_indexes_and_triggers_are_made_anew(grown: Grown) -> None:
    index = "CREATE INDEX IF NOT EXISTS by_it ON orders (total);"
    trigger = (
        "CREATE TRIGGER IF NOT EXISTS onward AFTER INSERT ON orders WHEN new.id = 'second' BEGIN "
        "INSERT INTO orders VALUES ('made', 1); END;"
    )
    grown.become(ORDERS + index + trigger)
    grown.become(ORDERS + index.replace("total", "id") + trigger.replace("1", "2"))
    assert grown.ask("SELECT name FROM pragma_index_info('by_it')") == [("id",)]
    grown.ask("INSERT INTO orders VALUES ('second', 6)")
    assert grown.ask("SELECT total FROM orders WHERE id = 'made'") == [(2,)]


def test_a_script_that_fails_half_way_changes_nothing(grown: Grown) -> None:
    grown.ask("CREATE VIEW notes AS SELECT 1")
    more = "CREATE TABLE IF NOT EXISTS more (id TEXT);"
    with pytest.raises(StoreError):
        grown.become(f"{ORDERS}{more}CREATE TABLE notes (id TEXT);")
    assert grown.ask("SELECT name FROM sqlite_master WHERE name = 'more'") == []
