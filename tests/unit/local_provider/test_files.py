"""Files and their folders, while others come and go beside them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_provider import files
from local_provider.errors import LocalError


def test_a_written_file_and_its_folders_are_the_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secrets" / "key"
    files.write(file, b"value")
    assert [oct(path.stat().st_mode)[-3:] for path in (file, file.parent, file.parent.parent)] == ["600", "700", "700"]


def test_removing_takes_the_empty_folders_up_to_home_and_no_further(tmp_path: Path) -> None:
    home = tmp_path / "home"
    files.write(home / "a" / "one", b"")
    files.write(home / "b" / "two", b"")
    files.remove(home / "a" / "one", home=home)
    assert sorted(path.name for path in home.iterdir()) == ["b"]
    files.remove(home / "b" / "two", home=home)
    assert not home.exists()
    assert tmp_path.exists()


def test_what_others_put_beside_it_stays(tmp_path: Path) -> None:
    files.write(tmp_path / "a" / "one", b"")
    (tmp_path / "a" / "notes").touch()
    files.remove(tmp_path / "a" / "one", home=tmp_path)
    assert (tmp_path / "a" / "notes").exists()


def test_many_write_and_remove_side_by_side(tmp_path: Path) -> None:
    def come_and_go(number: int) -> bool:
        file = tmp_path / "home" / "kind" / str(number % 3) / str(number)
        for _ in range(30):
            files.write(file, b"x")
            assert file.read_bytes() == b"x"
            files.remove(file, home=tmp_path / "home")
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(come_and_go, range(8)))
    assert not (tmp_path / "home").exists()


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(LocalError, match=r"check its rights and the disk"):
        files.write(tmp_path / "home" / "declarations" / "x", b"")
