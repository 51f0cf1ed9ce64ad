"""What is kept beside the database goes with it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from local_provider.errors import LocalError
from local_runtime.acknowledged import beside
from local_runtime.home import Home
from local_runtime.store import Store
from tests.unit.local_provider.test_owner import Stack


def written(home: Home) -> None:
    with closing(Store(home.database)) as store:
        store.write(lambda c: c.execute("INSERT INTO change_feed (body) VALUES (x'')").rowcount)


def test_a_database_that_is_made_anew_owes_nothing_to_the_one_that_was_moved_away(tmp_path: Path) -> None:
    stack, home = Stack(tmp_path / "home"), Home(tmp_path / "home")
    stack.create("Database")
    written(home)
    home.database.unlink()
    assert beside(home.database).exists()
    stack.create("Database")
    assert not beside(home.database).exists()
    written(home)


def test_a_database_that_is_kept_is_not_folded_over_a_log_that_lost_what_was_answered(tmp_path: Path) -> None:
    stack, home = Stack(tmp_path / "home"), Home(tmp_path / "home")
    made = stack.create("Database", retain=True)
    written(home)
    beside(home.database).write_text("1000000")
    log = home.database.with_name(home.database.name + "-wal")
    log.write_bytes(b"damaged")
    with pytest.raises(LocalError, match=r"lacks its last .*all of them answered"):
        stack.delete("Database", made)
    assert log.read_bytes() == b"damaged"
    beside(home.database).unlink()
    stack.delete("Database", made)
    assert (home.database.exists(), log.exists()) == (True, False)


def test_a_deleted_database_leaves_nothing_beside_it(tmp_path: Path) -> None:
    stack, home = Stack(tmp_path / "home"), Home(tmp_path / "home")
    made = stack.create("Database")
    written(home)
    stack.delete("Database", made)
    assert list(home.root.glob("orders.sqlite*")) == []
