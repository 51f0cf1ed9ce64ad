"""The frames of a log, against what SQLite itself makes of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.wal_file import committed


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "file.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE t (n INTEGER, filling BLOB)")
    yield connection
    connection.close()


def add(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("INSERT INTO t VALUES (?, zeroblob(9000))", (number,))


def counted(folder: Path, log: bytes) -> int:
    """What SQLite reads of such a log."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    shutil.copy(folder / "file.sqlite", copy)
    (copy / "file.sqlite-wal").write_bytes(log)
    connection = sqlite3.connect(copy / "file.sqlite")
    (number,) = connection.execute("SELECT count(*) FROM t").fetchone()
    connection.close()
    return int(number)


def test_each_commit_ends_with_a_frame_that_sqlite_reads_up_to(writing: sqlite3.Connection, tmp_path: Path) -> None:
    for number in range(4):
        add(writing, number)
    log = tmp_path / "file.sqlite-wal"
    ends = [frame.end for frame in committed(log) if frame.is_commit]
    content = log.read_bytes()
    assert [counted(tmp_path, content[:end]) for end in ends[1:]] == [1, 2, 3, 4]
    assert [counted(tmp_path, content[: end - 1]) for end in ends[1:]] == [0, 1, 2, 3]


def test_frames_of_an_earlier_generation_do_not_count(writing: sqlite3.Connection, tmp_path: Path) -> None:
    for number in range(4):
        add(writing, number)
    before = len(committed(tmp_path / "file.sqlite-wal"))
    writing.execute("PRAGMA wal_checkpoint(RESTART)")
    add(writing, 4)
    frames = committed(tmp_path / "file.sqlite-wal")
    assert 0 < len(frames) < before
    assert frames[-1].is_commit


def test_a_frame_that_was_spoilt_ends_what_counts(writing: sqlite3.Connection, tmp_path: Path) -> None:
    add(writing, 0)
    add(writing, 1)
    log = tmp_path / "file.sqlite-wal"
    frames, content = committed(log), bytearray(log.read_bytes())
    content[frames[-1].page_offset] ^= 1
    spoilt = tmp_path / "spoilt"
    spoilt.write_bytes(content)
    assert len(committed(spoilt)) < len(frames)
    assert counted(tmp_path, bytes(content)) == 1


def test_what_was_not_committed_does_not_count(writing: sqlite3.Connection, tmp_path: Path) -> None:
    add(writing, 0)
    before = committed(tmp_path / "file.sqlite-wal")
    writing.execute("PRAGMA cache_size = 1")
    writing.execute("BEGIN")
    for number in range(50):
        add(writing, number)
    log = tmp_path / "file.sqlite-wal"
    assert log.stat().st_size > before[-1].end + 10_000
    assert committed(log) == before


@pytest.mark.parametrize("content", [None, b"", b"\x00" * 5000, b"\x37\x7f\x06\x82" + b"\x00" * 5000])
def test_what_is_no_log_has_no_frames(tmp_path: Path, content: bytes | None) -> None:
    log = tmp_path / "file.sqlite-wal"
    if content is not None:
        log.write_bytes(content)
    assert committed(log) == []
