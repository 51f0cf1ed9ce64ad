"""Objects in a bucket: whole, flushed to the disk with every folder that leads to them, and nothing beside them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from local_runtime.permissions import put_atomically


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Everything that was flushed to the disk, the real way, in its order."""
    seen: list[Path] = []
    flush = os.fsync

    def noted(descriptor: int) -> None:
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    return seen


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not tell what a descriptor is of")
def test_an_object_is_flushed_with_the_name_of_each_folder_that_was_made_for_it(
    tmp_path: Path, flushed: list[Path]
) -> None:
    bucket = tmp_path / "archive"
    put_atomically(bucket, "2026/01/first.json", b"1")
    folders = [path for path in flushed if path.is_dir()]
    assert folders == [tmp_path, bucket, bucket / "2026", bucket / "2026" / "01"]
    flushed.clear()
    put_atomically(bucket, "2026/01/second.json", b"2")
    assert [path for path in flushed if path.is_dir()] == [bucket / "2026" / "01"]


def test_only_the_owner_can_look_into_the_folders_of_an_object(tmp_path: Path) -> None:
    put_atomically(tmp_path / "archive", "2026/01/first.json", b"1")
    folders = [path for path in (tmp_path / "archive").rglob("*") if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_an_object_that_cannot_be_put_in_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(IsADirectoryError):
        put_atomically(tmp_path, "taken", b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
