"""A log that was damaged after a kill never takes back, in silence, what somebody was told is on disk."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chaos.wal_file import committed
from local_runtime import acknowledged
from local_runtime import store as stores
from local_runtime.errors import StoreError
from local_runtime.store import Store
from tests.architecture.source import ROOT

WRITES = 5


def write(store: Store, number: int) -> None:
    store.write(lambda c: c.execute("INSERT INTO change_feed (body) VALUES (?)", (b"%d" % number,)).rowcount)


def kept(path: Path) -> list[bytes]:
    store = Store(path)
    found = store.read(lambda c: [row[0] for row in c.execute("SELECT body FROM change_feed ORDER BY position")])
    store.close()
    return found


EVERYTHING = [b"%d" % number for number in range(WRITES)]


@pytest.fixture
def killed(store: Store, database: Path, tmp_path: Path) -> Path:
    """The files as a kill leaves them: the log is not folded in, and nobody said goodbye."""
    for number in range(WRITES):
        write(store, number)
    folder = tmp_path / "killed"
    folder.mkdir()
    for suffix in ("", "-wal", acknowledged.SUFFIX):
        shutil.copy(f"{database}{suffix}", folder)
    return folder / database.name


def log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def flip_the_last_page(path: Path) -> None:
    content = bytearray(log_of(path).read_bytes())
    content[committed(log_of(path))[-1].page_offset + 9] ^= 1
    log_of(path).write_bytes(content)


def cut_the_last_page(path: Path) -> None:
    os.truncate(log_of(path), committed(log_of(path))[-1].end - 1)


def zero_the_first_page(path: Path) -> None:
    frame = committed(log_of(path))[0]
    content = bytearray(log_of(path).read_bytes())
    content[frame.page_offset : frame.end] = bytes(frame.page_bytes)
    log_of(path).write_bytes(content)


def remove_the_log(path: Path) -> None:
    log_of(path).unlink()


def spoil_the_header(path: Path) -> None:
    content = bytearray(log_of(path).read_bytes())
    content[16] ^= 1
    log_of(path).write_bytes(content)


def test_after_a_kill_everything_that_was_answered_is_there(killed: Path) -> None:
    assert kept(killed) == EVERYTHING


@pytest.mark.parametrize(
    ("damage", "lost"),
    [
        (flip_the_last_page, 1),
        (cut_the_last_page, 1),
        (zero_the_first_page, WRITES),
        (remove_the_log, WRITES),
        (spoil_the_header, WRITES),
    ],
)
def test_a_damaged_log_is_refused_with_what_is_lost_and_the_ways_out(
    killed: Path, damage: Callable[[Path], None], lost: int
) -> None:
    damage(killed)
    with pytest.raises(StoreError) as refused:
        Store(killed)
    assert str(refused.value) == (
        f"{killed} lacks its last {lost} of {WRITES} commits, all of them answered: {killed}-wal is damaged or gone. "
        "Nothing was changed: put sound copies of the two in their place; or move the file, with its -wal, -shm and "
        "-acknowledged, away; then put a backup in its place, or run `pulumi refresh`, then `pulumi up`, to begin with "
        f"an empty one; or, to go on without what is lost, remove {killed}-acknowledged and start again"
    )


def test_a_refused_start_changes_neither_file_so_sound_copies_make_it_good(killed: Path) -> None:
    sound = log_of(killed).read_bytes()
    flip_the_last_page(killed)
    before = [hashlib.sha256(path.read_bytes()).digest() for path in (killed, log_of(killed))]
    for refusing in (lambda: Store(killed), lambda: stores.check(killed), lambda: stores.create(killed, ())):
        with pytest.raises(StoreError, match="lacks its last 1"):
            refusing()
    assert [hashlib.sha256(path.read_bytes()).digest() for path in (killed, log_of(killed))] == before
    log_of(killed).write_bytes(sound)
    assert kept(killed) == EVERYTHING


def test_whoever_can_do_without_what_is_lost_goes_on_with_the_rest(killed: Path) -> None:
    flip_the_last_page(killed)
    killed.with_name(killed.name + "-acknowledged").unlink()
    assert kept(killed) == EVERYTHING[:-1]


def test_an_older_copy_of_the_file_is_refused_too(store: Store, database: Path, tmp_path: Path) -> None:
    older = tmp_path / "older"
    write(store, 0)
    store.close()
    shutil.copy(database, older)
    again = Store(database)
    write(again, 1)
    again.close()
    shutil.copy(older, database)
    with pytest.raises(StoreError, match="lacks its last 1 of 2 commits"):
        Store(database)


def test_an_older_backup_is_good_once_the_files_that_are_named_are_away(
    store: Store, database: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older"
    store.write(lambda c: c.execute("INSERT INTO change_feed (body) VALUES (zeroblob(50000))").rowcount)
    with closing(sqlite3.connect(database)) as connection, closing(sqlite3.connect(older)) as backup:
        connection.backup(backup)
    for number in range(WRITES):
        write(store, number)
    (tmp_path / "killed").mkdir()
    killed = tmp_path / "killed" / database.name
    for suffix in ("", "-wal", "-shm", acknowledged.SUFFIX):
        shutil.copy(f"{database}{suffix}", killed.parent)
    flip_the_last_page(killed)
    with pytest.raises(StoreError, match="lacks its last 1") as refused:
        Store(killed)
    for named in re.findall(
        r"-[a-z]+", str(refused.value).partition("move the file, with its ")[2].partition(" away")[0]
    ):
        Path(f"{killed}{named}").unlink(missing_ok=True)
    assert list(killed.parent.iterdir()) == [killed]
    shutil.copy(older, killed)
    assert kept(killed) == [bytes(50000)]


FULL = """
import resource, sys
from pathlib import Path
from local_runtime.errors import StoreError
from local_runtime.store import Store
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
try:
    Store(Path(sys.argv[1]))
except StoreError as error:
    print(error)
"""


def test_a_start_on_a_full_disk_is_not_told_that_something_is_lost(store: Store, database: Path) -> None:
    for number in range(WRITES):
        write(store, number)
    store.close()
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(database)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout.count("\n"), done.stderr) == (1, "")
    assert re.match(rf"{database} cannot be used \(.*\): check its rights, the disk and who else holds it", done.stdout)


@pytest.mark.parametrize("use", [lambda path: Store(path), lambda path: acknowledged.Acknowledged(path)])
def test_a_number_that_may_not_be_read_is_one_line(database: Path, use: Callable[[Path], object]) -> None:
    acknowledged.beside(database).unlink(missing_ok=True)
    acknowledged.beside(database).mkdir()
    with pytest.raises(StoreError, match=r"orders\.sqlite-acknowledged cannot be used \(Is a directory\): check its"):
        use(database)


def test_a_write_that_was_cut_off_is_no_reason_to_refuse(killed: Path) -> None:
    last = committed(log_of(killed))[-1]
    content = log_of(killed).read_bytes()
    header = content[last.offset : last.offset + 24]
    torn = header[:4] + bytes(4) + header[8:16] + b"\x55" * 8 + b"\xaa" * 1000
    log_of(killed).write_bytes(content[: last.end] + torn)
    assert kept(killed) == EVERYTHING


def test_a_whole_write_that_nobody_was_told_of_is_kept(killed: Path) -> None:
    """As a kill leaves it between the commit and the number beside the file."""
    killed.with_name(killed.name + "-acknowledged").write_bytes(b"%020d\n" % (WRITES - 1))
    assert kept(killed) == EVERYTHING


@pytest.mark.parametrize("content", [b"", b"\x00" * 21, b"what is this\n"])
def test_a_number_that_a_crash_of_the_machine_has_spoilt_refuses_nobody(killed: Path, content: bytes) -> None:
    killed.with_name(killed.name + "-acknowledged").write_bytes(content)
    assert kept(killed) == EVERYTHING


def test_the_number_is_that_of_the_commits_and_goes_on_after_a_restart(store: Store, database: Path) -> None:
    write(store, 0)
    store.close()
    again = Store(database)
    write(again, 1)
    again.close()
    assert acknowledged.beside(database).read_bytes() == b"%020d\n" % 2


def test_a_change_that_changes_nothing_is_no_commit(store: Store, database: Path) -> None:
    store.write(lambda connection: connection.execute("DELETE FROM change_feed").rowcount)
    assert acknowledged.beside(database).read_bytes() == b""


def test_a_full_disk_never_keeps_an_answer_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("local_runtime.acknowledged.os.pwrite", full)
    write(store, 0)
    assert store.read(lambda c: c.execute("SELECT count(*) FROM change_feed").fetchone()) == (1,)


def test_a_new_file_owes_nothing_to_an_earlier_one_of_its_name(killed: Path) -> None:
    killed.unlink()
    log_of(killed).unlink()
    stores.create(killed, ())
    assert kept(killed) == []


def test_a_file_of_older_code_is_refused_with_what_it_lacks(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE armed_faults")
        connection.execute("DROP TABLE commits")
    connection.close()
    with pytest.raises(StoreError, match="lacks armed_faults, commits, which this run time keeps: run `pulumi up`"):
        Store(database)
    stores.create(database, ())
    assert kept(database) == []
