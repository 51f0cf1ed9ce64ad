"""The SQLite file that everything durable is in: made once, never made anew over an old one."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pulumi.provider.experimental.provider import CheckFailure
from pulumi.runtime.rpc import UNKNOWN

from local_provider import files
from local_provider.declarations import Declared
from local_provider.errors import LocalError, UnhealthyError
from local_provider.properties import Plain
from local_provider.resource import Place
from local_runtime import acknowledged, database_file, declarations, schema, store
from local_runtime.errors import StoreError
from local_runtime.home import Home

MAGIC = b"SQLite format 3\0"
COMPANIONS = ("-wal", "-shm", "-journal", acknowledged.SUFFIX)


class Database(Declared):
    """`serial` names the file itself, so that whoever follows the digest notices that it is another one."""

    reuses_place = True

    def __init__(self) -> None:
        super().__init__(declarations.Database)

    def further_failures(self, inputs: Plain) -> Iterator[CheckFailure]:
        name = inputs.get("schema")
        if name is not None and not _is_there(name):
            yield CheckFailure("schema", f'there is no file {name}; name one as in "package/file.sql"')

    def preview(self, inputs: Plain, state: Plain | None) -> Plain:
        if state is None:
            return {"digest": UNKNOWN, "serial": UNKNOWN}
        return self._outputs(inputs, state["serial"])

    def create(self, inputs: Plain) -> Plain:
        place = Place.of(self.name, inputs)
        if not place.home.database.exists():
            _remove_companions(place.home)
        serial = _make(place.home.database, inputs["schema"])
        super().create(inputs)
        return self._outputs(inputs, serial)

    def read(self, place: Place, state: Plain) -> Plain | None:
        """Reads the file's header only: a refresh neither locks a database in use nor creates anything beside it."""
        header = Header.of(place.home.database)
        declared = super().read(place, state)
        if header is None or declared is None:
            return None
        inputs = {name: value for name, value in declared.items() if name != "digest"}
        found = {**inputs, **self._outputs(inputs, header.serial)}
        if not header.is_ours:
            raise UnhealthyError(
                f"{place.home.database} is not a database of this system: {database_file.WAY_OUT}", found
            )
        return found

    def update(self, state: Plain, inputs: Plain) -> Plain:
        return self.create(inputs)

    def delete(self, state: Plain) -> None:
        place = Place.of(self.name, state)
        if state["retain"]:
            _fold_log_into(place.home.database)
        else:
            files.remove(place.home.database, home=place.home.root)
            _remove_companions(place.home)
        super().delete(state)

    def _outputs(self, inputs: Plain, serial: str) -> Plain:
        return {"digest": self.digest({**inputs, "serial": serial}), "serial": serial}


@dataclass(frozen=True)
class Header:
    """What the first bytes of an SQLite file say (https://sqlite.org/fileformat.html)."""

    serial: str
    version: int
    is_sqlite: bool

    @classmethod
    def of(cls, path: Path) -> Header | None:
        try:
            with path.open("rb") as file:
                start = file.read(100)
        except FileNotFoundError:
            return None
        return cls(f"{int.from_bytes(start[68:72]):08x}", int.from_bytes(start[60:64]), start.startswith(MAGIC))

    @property
    def is_ours(self) -> bool:
        return self.is_sqlite and self.version == database_file.SCHEMA_VERSION


def _make(path: Path, name: str) -> str:
    """Make the file, or add what it lacks to the one that is there; returns its serial."""
    files.make_folder(path.parent)
    try:
        store.create(path, [name])
        store.check(path)
    except StoreError as error:
        raise LocalError(str(error)) from None
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if connection.execute("PRAGMA application_id").fetchone() == (0,):
            connection.execute(f"PRAGMA application_id = {secrets.randbelow(2**31 - 1) + 1}")
        serial: int = connection.execute("PRAGMA application_id").fetchone()[0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return f"{serial:08x}"


def _is_there(name: str) -> bool:
    try:
        schema.read(name)
    except (ModuleNotFoundError, FileNotFoundError):
        return False
    return True


def _fold_log_into(path: Path) -> None:
    """Leave one file that holds everything; closing the last connection removes the log."""
    if not path.exists():
        return
    try:
        store.require_whole(path)
        with database_file.refused(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        acknowledged.forget(path)
    except StoreError as error:
        raise LocalError(str(error)) from None


def _remove_companions(home: Home) -> None:
    """A log without its database is of no use, and SQLite would take it for the new file's."""
    for suffix in COMPANIONS:
        files.remove(home.database.with_name(home.database.name + suffix), home=home.root)
