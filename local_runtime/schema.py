"""The tables of a database: made with the file, and added to when the code that uses them has more of them.

A schema is an SQL file of `CREATE ... IF NOT EXISTS`. Run again on a made file it adds tables; indexes and triggers
that changed are made anew. What it cannot do is to change a table that has rows: a column that is not there, or is
another one, is refused before anything is changed. A table's CHECK and default clauses are not compared.
"""

from __future__ import annotations

import importlib.resources
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TypeAlias

from local_runtime.database_file import MOVE_AWAY, OR_BEGIN
from local_runtime.errors import StoreError

OWN_SCHEMA = "local_runtime/schema.sql"
WAY_OUT = (
    "keep what is new in a table of its own, or change the file by hand while the run time is stopped (back it up "
    f"first), or {MOVE_AWAY} and {OR_BEGIN}"
)
Columns: TypeAlias = dict[str, tuple[str, bool, int]]
"""By name: type, whether NULL is refused, and the place in the primary key."""


def make(connection: sqlite3.Connection, schemas: Sequence[str], version: int) -> None:
    """All in one transaction, so a half-made file never exists."""
    connection.executescript(f"BEGIN IMMEDIATE;{_script(schemas)};PRAGMA user_version = {version};COMMIT")


def renew(connection: sqlite3.Connection, schemas: Sequence[str], path: object) -> None:
    """Add what is new, in one transaction; a run time that has the file open may go on beside it."""
    script = _script(schemas)
    with closing(sqlite3.connect(":memory:")) as wanted:
        wanted.executescript(script)
        if problems := [*_strange(wanted, connection, schemas), *_misfits(wanted, connection)]:
            raise StoreError(f"{path} {'; '.join(problems)}: {WAY_OUT}")
        outdated = "".join(_outdated(wanted, connection))
    connection.executescript(f"BEGIN IMMEDIATE;{outdated}{script};COMMIT")


def missing(connection: sqlite3.Connection) -> list[str]:
    """The run time's own tables that a file made by older code does not have."""
    with closing(sqlite3.connect(":memory:")) as own:
        own.executescript(read(OWN_SCHEMA))
        return sorted(_made(own, "table").keys() - _made(connection, "table").keys())


def _script(schemas: Sequence[str]) -> str:
    return "".join(read(schema) for schema in (OWN_SCHEMA, *schemas))


def read(schema: str) -> str:
    package, _, file = schema.partition("/")
    return importlib.resources.files(package).joinpath(file).read_text(encoding="utf-8")


def _strange(wanted: sqlite3.Connection, found: sqlite3.Connection, schemas: Sequence[str]) -> Iterator[str]:
    """Not one of the tables that were asked for, besides the run time's own: it is the file of another system."""
    with closing(sqlite3.connect(":memory:")) as own:
        own.executescript(read(OWN_SCHEMA))
        asked = set(_made(wanted, "table")) - set(_made(own, "table"))
    if asked and not asked & set(_made(found, "table")):
        yield f"lacks {', '.join(sorted(asked))} of {', '.join(schemas)}, so it is another system's"


def _misfits(wanted: sqlite3.Connection, found: sqlite3.Connection) -> Iterator[str]:
    for table in sorted(_made(wanted, "table").keys() & _made(found, "table").keys()):
        there = _columns(found, table)
        for column, kind in _columns(wanted, table).items():
            if there.get(column) != kind:
                finding = "has another column" if column in there else "lacks the column"
                yield f"{finding} {column} in the table {table}, and what has been made is only added to"


def _outdated(wanted: sqlite3.Connection, found: sqlite3.Connection) -> Iterator[str]:
    for kind in ("trigger", "index"):
        asked = _made(wanted, kind)
        for name, sql in _made(found, kind).items():
            if name in asked and asked[name] != sql:
                yield f'DROP {kind} IF EXISTS "{name}";'


def _made(connection: sqlite3.Connection, kind: str) -> dict[str, str]:
    """What was created, by name; not what SQLite keeps for itself."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    return dict(connection.execute(query, (kind,)))


def _columns(connection: sqlite3.Connection, table: str) -> Columns:
    rows = connection.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (table,))
    return {name: (type_.upper(), bool(required), place) for name, type_, required, place in rows}
