"""When a system has come to rest, and how much work it has in hand: read beside it, while it runs or after a kill."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from chaos.clients import Clients

REST_SECONDS = 240.0
IN_HAND = (
    "SELECT (SELECT count(*) FROM saga_runs WHERE status = 'running') + (SELECT count(*) FROM messages)"
    " + (SELECT count(*) FROM change_feed WHERE position > (SELECT coalesce(min(position), 0) FROM feed_cursors))"
)


def in_hand(database: Path) -> int:
    """Sagas that run, messages and events that wait."""
    ((number,),) = _ask(database, IN_HAND)
    return int(number)


def dead_letters(database: Path) -> list[tuple[str, str]]:
    """The queue and the reason of each."""
    return _ask(database, "SELECT queue, reason FROM dead_letters")


def comes_to_rest(database: Path, clients: Clients, heal: Callable[[], bool]) -> bool:
    """Once nothing is to be mended any more. False when the time is up; the audit says what is still under way."""
    deadline = time.monotonic() + REST_SECONDS
    while not clients.are_done or in_hand(database) or heal():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _ask(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(query).fetchall()
