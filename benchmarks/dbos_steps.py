"""Workflows of durable steps on DBOS with SQLite; run by on_dbos.py with an interpreter that has DBOS.

Prints workflows a second, side by side and one by one, as JSON.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

Step = Callable[[int], None]


def main(folder: str, plan: Any) -> None:  # noqa: ANN401 -- JSON
    """`plan` has the numbers of the workflows, `writes` for each step, and the `journal_mode` of DBOS's own file."""
    dbos, run = _launch(folder, plan["writes"], plan["journal_mode"])
    began = time.perf_counter()
    handles = [dbos.start_workflow(run) for _ in range(plan["side_by_side"])]
    for handle in handles:
        handle.get_result()
    together = plan["side_by_side"] / (time.perf_counter() - began)
    began = time.perf_counter()
    for _ in range(plan["one_by_one"]):
        run()
    alone = plan["one_by_one"] / (time.perf_counter() - began)
    dbos.destroy()
    print(json.dumps({"side_by_side": together, "one_by_one": alone}))


def _launch(folder: str, writes: list[int], journal_mode: str) -> tuple[Any, Any]:
    from dbos import DBOS  # type: ignore[import-not-found]

    file = f"{folder}/dbos.sqlite"
    _set_journal_mode(file, journal_mode)
    config = {"name": "steps", "system_database_url": f"sqlite:///{file}", "run_admin_server": False}
    DBOS(config={**config, "log_level": "ERROR"})
    write = _writer(f"{folder}/shop.sqlite")

    @DBOS.step()  # type: ignore[untyped-decorator]
    def step(count: int) -> None:
        for _ in range(count):
            write()

    @DBOS.workflow()  # type: ignore[untyped-decorator]
    def run() -> None:
        for count in writes:
            step(count)

    DBOS.launch()
    return DBOS, run


def _set_journal_mode(file: str, mode: str) -> None:
    """The file remembers it."""
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.close()


def _writer(file: str) -> Callable[[], None]:
    """What writes one row of an order's size, on disk when it returns."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS event (body BLOB)")
    one_at_a_time = Lock()

    def write() -> None:
        with one_at_a_time:
            connection.execute("INSERT INTO event VALUES (?)", (b"x" * 400,))

    return write


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
