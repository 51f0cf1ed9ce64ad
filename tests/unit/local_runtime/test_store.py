"""Writes that returned are on disk, share commits, and never harm one another."""

from __future__ import annotations

import sqlite3
import stat
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

import pytest

from local_runtime import store as stores
from local_runtime.errors import StoreClosedError, StoreError
from local_runtime.store import Store


def append(body: bytes) -> stores.Change[None]:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO change_feed (body) VALUES (?)", (body,))

    return change


def bodies(connection: sqlite3.Connection) -> list[bytes]:
    return [row[0] for row in connection.execute("SELECT body FROM change_feed ORDER BY position")]


def on_disk(path: Path) -> list[bytes]:
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as other:
        found = bodies(other)
    other.close()
    return found


def test_a_write_that_returned_is_seen_by_every_later_read(store: Store, database: Path) -> None:
    store.write(append(b"one"))
    assert store.read(bodies) == [b"one"]
    assert on_disk(database) == [b"one"]


def test_a_write_gives_what_the_change_returned(store: Store) -> None:
    assert store.write(lambda connection: connection.execute("SELECT 7").fetchone()[0]) == 7


def test_a_change_that_raises_is_undone_and_raises_in_its_caller(store: Store) -> None:
    def broken(connection: sqlite3.Connection) -> None:
        append(b"half")(connection)
        raise KeyError("no")

    with pytest.raises(KeyError, match="no"):
        store.write(broken)
    assert store.read(bodies) == []


class Gate:
    """A change that keeps the writer busy until the test lets it go on, so that others queue up behind it."""

    def __init__(self, store: Store) -> None:
        self._entered, self._open = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._write, args=(store,))
        self._thread.start()
        assert self._entered.wait(5)

    def _write(self, store: Store) -> None:
        with suppress(StoreError):  # a group's commit may be made to fail, and this change is of the group
            store.write(self._hold)

    def _hold(self, _: sqlite3.Connection) -> None:
        self._entered.set()
        assert self._open.wait(5)

    def open(self) -> None:
        self._open.set()
        self._thread.join()


def queued(store: Store, count: int) -> None:
    while store.queued < count:
        pass


def test_changes_that_queue_up_share_one_commit(store: Store, database: Path) -> None:
    gate = Gate(store)
    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(store.write, append(bytes([n]))) for n in range(8)]
        queued(store, 8)
        assert on_disk(database) == []
        before = store.commits
        gate.open()
        for write in writes:
            write.result(5)
    assert store.commits == before + 1
    assert len(on_disk(database)) == 8


def test_a_failing_change_does_not_harm_its_neighbours_in_the_same_commit(store: Store) -> None:
    def broken(connection: sqlite3.Connection) -> None:
        append(b"bad")(connection)
        connection.execute("INSERT INTO no_such_table VALUES (1)")

    gate = Gate(store)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(store.write, append(b"first"))
        queued(store, 1)
        bad = pool.submit(store.write, broken)
        queued(store, 2)
        last = pool.submit(store.write, append(b"last"))
        queued(store, 3)
        gate.open()
        first.result(5)
        last.result(5)
        with pytest.raises(sqlite3.OperationalError, match="no_such_table"):
            bad.result(5)
    assert store.read(bodies) == [b"first", b"last"]


def test_whoever_hears_of_a_failure_reads_what_its_change_saw_of_its_neighbours(store: Store) -> None:
    def broken(connection: sqlite3.Connection) -> None:
        raise KeyError(bodies(connection)[0])

    def seen_after_the_failure() -> list[bytes]:
        with pytest.raises(KeyError, match="neighbour"):
            store.write(broken)
        return store.read(bodies)

    gate = Gate(store)
    with ThreadPoolExecutor(3) as pool:
        pool.submit(store.write, append(b"neighbour"))
        queued(store, 1)
        seen = pool.submit(seen_after_the_failure)
        queued(store, 2)
        pool.submit(store.write, lambda _: wait([seen], timeout=0.2))
        queued(store, 3)
        gate.open()
        assert seen.result(5) == [b"neighbour"]


def test_a_commit_that_fails_fails_every_change_in_it(store: Store) -> None:
    """A deferred foreign key is only looked at by COMMIT, which is as near to a full disk as a test comes."""

    def orphan(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute(
            "INSERT INTO saga_journal VALUES (99, 1, 'started', 'do', 'pay', 1, 0, '', '')",
        )

    def raising(_: sqlite3.Connection) -> None:
        raise KeyError("for what the commit takes back")

    gate = Gate(store)
    with ThreadPoolExecutor(3) as pool:
        innocent = pool.submit(store.write, append(b"innocent"))
        queued(store, 1)
        guilty = pool.submit(store.write, orphan)
        queued(store, 2)
        refused = pool.submit(store.write, raising)
        queued(store, 3)
        gate.open()
        for write in (innocent, guilty, refused):
            with pytest.raises(StoreError, match=r"orders\.sqlite could not be written: FOREIGN KEY"):
                write.result(5)
    store.write(append(b"later"))
    assert store.read(bodies) == [b"later"]


@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK"])
def test_a_change_that_ends_the_shared_transaction_fails_and_the_store_goes_on(store: Store, ending: str) -> None:
    with pytest.raises(StoreError, match="the transaction ended inside a change"):
        store.write(lambda connection: connection.execute(ending))
    store.write(append(b"later"))
    assert store.read(bodies)[-1] == b"later"


def test_a_connection_that_is_beyond_use_fails_who_waits_and_who_comes_later(store: Store) -> None:
    gate = Gate(store)
    with ThreadPoolExecutor(2) as pool:
        closing = pool.submit(store.write, sqlite3.Connection.close)
        queued(store, 1)
        waiting = pool.submit(store.write, append(b"waiting"))
        queued(store, 2)
        gate.open()
        for write in (closing, waiting):
            with pytest.raises(StoreError, match=r"orders\.sqlite could not be written: .* closed database"):
                write.result(5)
    with pytest.raises(StoreError, match="closed database"):
        store.write(append(b"later"))
    store.close()
    with pytest.raises(StoreClosedError):
        store.write(append(b"late"))


def test_a_change_may_not_commit_through_its_connection(store: Store) -> None:
    def change(connection: sqlite3.Connection) -> None:
        append(b"half")(connection)
        with connection:
            pass

    with pytest.raises(StoreError, match="the transaction is shared"):
        store.write(change)
    assert store.read(bodies) == []


def test_a_write_inside_a_change_is_refused_instead_of_waiting_for_itself(store: Store) -> None:
    with pytest.raises(StoreError, match="inside a change"):
        store.write(lambda _: store.write(append(b"nested")))


def test_a_read_sees_one_moment_however_long_it_takes(store: Store) -> None:
    def twice(connection: sqlite3.Connection) -> tuple[int, int]:
        before = len(bodies(connection))
        store.write(append(b"meanwhile"))
        return before, len(bodies(connection))

    assert store.read(twice) == (0, 0)


def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.read(append(b"sneaky"))


def test_a_read_of_a_file_that_was_taken_away_says_which(store: Store, database: Path) -> None:
    database.unlink()
    with pytest.raises(StoreError, match=f"{database} cannot be used"):
        store.read(bodies)


def test_a_reader_that_raised_leaves_its_connection_clean(store: Store) -> None:
    def broken(_: sqlite3.Connection) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        store.read(broken)
    store.write(append(b"new"))
    assert store.read(bodies) == [b"new"]


def test_listeners_hear_of_a_commit_that_touched_their_topic_and_of_no_other(store: Store) -> None:
    mine, other = store.listen("mine"), store.listen("other")
    store.write(lambda _: store.touch("mine"))
    assert mine.wait(5)
    assert not other.is_set()


def test_foreign_keys_are_enforced(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.write(
            lambda connection: connection.execute(
                "INSERT INTO saga_journal VALUES (99, 1, 'started', 'do', 'pay', 1, 0, '', '')"
            )
        )


def test_commits_are_flushed_to_the_disk_and_the_log_is_written_ahead(store: Store) -> None:
    def pragmas(connection: sqlite3.Connection) -> list[object]:
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]

    assert store.write(pragmas) == ["wal", 2]


def test_closing_commits_what_is_queued_and_refuses_what_comes_later(store: Store, database: Path) -> None:
    gate = Gate(store)
    with ThreadPoolExecutor(2) as pool:
        write = pool.submit(store.write, append(b"queued"))
        queued(store, 1)
        closing = pool.submit(store.close)
        gate.open()
        write.result(5)
        closing.result(5)
    with pytest.raises(StoreClosedError):
        store.write(append(b"late"))
    assert on_disk(database) == [b"queued"]


def test_only_the_owner_can_read_the_files(store: Store, database: Path) -> None:
    store.write(append(b"secret"))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in database.parent.glob("orders.sqlite*")}
    assert modes == dict.fromkeys(
        ("orders.sqlite", "orders.sqlite-wal", "orders.sqlite-shm", "orders.sqlite-acknowledged"), 0o600
    )


def test_creating_again_keeps_what_is_there(store: Store, database: Path) -> None:
    store.write(append(b"kept"))
    stores.create(database, ())
    assert store.read(bodies) == [b"kept"]


def test_the_functions_schema_is_made_with_the_run_times_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _package(tmp_path, monkeypatch, "CREATE TABLE shop (name TEXT PRIMARY KEY) STRICT")
    stores.create(tmp_path / "new.sqlite", ("shop_schema/schema.sql",))
    opened = Store(tmp_path / "new.sqlite")
    assert opened.read(lambda connection: connection.execute("SELECT count(*) FROM shop").fetchone()[0]) == 0
    opened.close()


def test_a_schema_that_is_wrong_leaves_no_half_made_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _package(tmp_path, monkeypatch, "CREATE TABEL shop (name TEXT)")
    with pytest.raises(StoreError, match="TABEL"):
        stores.create(tmp_path / "new.sqlite", ("shop_schema/schema.sql",))
    stores.create(tmp_path / "new.sqlite", ())
    stores.check(tmp_path / "new.sqlite")


def _package(folder: Path, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    package = folder / "shop_schema"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "schema.sql").write_text(sql)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "shop_schema", raising=False)


def test_a_damaged_file_is_refused_with_its_name_and_what_to_do(database: Path) -> None:
    page = database.read_bytes()
    database.write_bytes(page[:4096] + b"\xff" * (len(page) - 4096))
    with pytest.raises(
        StoreError, match=r"orders\.sqlite is damaged .*-acknowledged, away; then put a backup in its place"
    ):
        Store(database)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.sqlite"
    path.write_text("not a database at all, but long enough to be looked at" * 100)
    with pytest.raises(StoreError, match="is damaged"):
        Store(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database at"):
        Store(tmp_path / "orders.sqlite")


def test_a_file_of_another_version_is_refused_and_left_alone(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="has schema version 99"):
        stores.check(database)
    with pytest.raises(StoreError, match="has schema version 99"):
        stores.create(database, ())
