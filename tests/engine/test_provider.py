"""Single resources of the provider on the real engine: what is refused, replaced, kept, recorded and left."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.engine.systems import IGNORED_LEAK, Program, Raw, Resource, lives, run_time

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

SCHEMA = "functions.adapters.local/schema.sql"


def running(*, code: str = "1", retain: bool = False, handler: str | None = None, schema_digest: str = "1") -> Program:
    """A database and a run time that has nothing else to do, or one function."""

    def program(home: str) -> None:
        database = Resource("Database", "orders", home=home, schema=SCHEMA, schema_digest=schema_digest, retain=retain)
        declarations = {"database/orders": database.digest}
        if handler:
            function = Resource("Function", "broken", home=home, handler=handler)
            declarations["function/broken"] = function.digest
        Resource("RunTime", "run-time", home=home, port=0, declarations=declarations, code=code)

    return program


def test_wrong_inputs_are_refused_with_the_field_named(raw: Raw) -> None:
    def program(home: str) -> None:
        Resource("Queue", "fulfilment", home=home, max_receive_count=0, visibility_timeout=5)

    refusal = raw.refusal(program)
    assert "property max_receive_count" in refusal
    assert "0 is not allowed: expected `int` >= 1" in refusal
    assert "did you mean visibility_timeout_seconds?" in refusal
    assert not raw.home.root.exists()


def test_a_name_is_replaced_and_a_setting_updated(raw: Raw) -> None:
    def program(name: str, count: int) -> Program:
        return lambda home: Resource("Queue", "fulfilment", home=home, name=name, max_receive_count=count)

    assert raw.up(program("first", 5)) == {"create": 2}, "with the stack"
    assert raw.preview(program("first", 6))["update"] == 1
    assert raw.up(program("second", 6)) == {"replace": 1}
    assert [file.stem for file in raw.home.declarations.glob("*/*")] == ["second"]


def test_new_code_starts_the_run_time_again_on_its_port_with_everything_kept(raw: Raw) -> None:
    raw.up(running())
    before = run_time(raw.home)
    with closing(sqlite3.connect(raw.home.database)) as connection, connection:
        connection.execute("INSERT INTO change_feed (body) VALUES (x'00')")
    assert raw.up(running(code="2")) == {"update": 1}
    after = run_time(raw.home)
    assert (after["url"], after["pid"] != before["pid"]) == (before["url"], True)
    assert not lives(before["pid"])
    with closing(sqlite3.connect(raw.home.database)) as connection:
        assert connection.execute("SELECT count(*) FROM change_feed").fetchone() == (1,)


def test_a_start_that_fails_is_told_with_the_log_and_mended_by_going_back(raw: Raw) -> None:
    raw.up(running())
    refusal = raw.refusal(running(handler="functions.entrypoints.local:nothing_of_this_name"))
    assert "nothing_of_this_name" in refusal
    assert "Traceback" not in refusal
    assert raw.outputs_of("run-time")["status"] == "stopped"
    raw.up(running())
    assert lives(run_time(raw.home)["pid"])
    assert raw.outputs_of("run-time")["status"] == "running"


def test_a_retained_database_outlives_destroy_alone_and_whole(raw: Raw) -> None:
    raw.up(running(retain=True))
    pid = run_time(raw.home)["pid"]
    with closing(sqlite3.connect(raw.home.database)) as connection, connection:
        connection.execute("INSERT INTO change_feed (body) VALUES (x'00')")
    raw.destroy()
    assert not lives(pid)
    assert set(raw.home.root.iterdir()) == {raw.home.database, raw.home.root / "owner.json"}
    raw.up(running(retain=True))
    with closing(sqlite3.connect(raw.home.database)) as connection:
        assert connection.execute("SELECT count(*) FROM change_feed").fetchone() == (1,)


def test_a_run_time_whose_home_was_removed_is_not_left_behind(raw: Raw) -> None:
    raw.up(running())
    before = run_time(raw.home)
    shutil.rmtree(raw.home.root)
    raw.refresh()
    raw.up(running())
    assert not lives(before["pid"])
    after = run_time(raw.home)
    shutil.rmtree(raw.home.root)
    raw.destroy()
    assert not lives(after["pid"])
    assert not raw.home.root.exists()


def test_a_new_schema_reaches_the_database_in_place_and_one_that_does_not_fit_is_refused(raw: Raw) -> None:
    raw.up(running())
    with closing(sqlite3.connect(raw.home.database)) as connection, connection:
        connection.execute("INSERT INTO change_feed (body) VALUES (x'00')")
        connection.execute("DROP TABLE ledger_counters")  # as in a file that was made before there was such a table
    assert raw.up(running(schema_digest="2")) == {"update": 2}, "the run time follows"
    with closing(sqlite3.connect(raw.home.database)) as connection, connection:
        assert connection.execute("SELECT count(*) FROM change_feed").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM ledger_counters").fetchone() == (0,)
        connection.execute("ALTER TABLE demand DROP COLUMN units")
    before = run_time(raw.home)
    assert "lacks the column units in the table demand" in raw.refusal(running(schema_digest="3"))
    assert run_time(raw.home) == before


def test_a_foreign_database_is_noticed_and_never_written_over(raw: Raw) -> None:
    raw.up(running())
    raw.home.database.unlink()
    raw.home.database.write_bytes(b"somebody's own notes")
    raw.refresh()
    refusal = raw.refusal(running())
    assert f"{raw.home.database} " in refusal
    assert "then put a backup in its place" in refusal
    assert raw.home.database.read_bytes() == b"somebody's own notes"
    raw.home.database.unlink()
    raw.refresh()
    raw.up(running())
    assert lives(run_time(raw.home)["pid"])
