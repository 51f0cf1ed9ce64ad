"""Eight-step workflows on DBOS with SQLite; run by durable_steps.py with an interpreter that has DBOS.

Prints workflows a second, side by side and one by one, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

STEPS = 8


def main(folder: str, side_by_side: int, one_by_one: int) -> None:
    dbos, run = _launch(folder)
    began = time.perf_counter()
    handles = [dbos.start_workflow(run) for _ in range(side_by_side)]
    for handle in handles:
        handle.get_result()
    together = side_by_side / (time.perf_counter() - began)
    began = time.perf_counter()
    for _ in range(one_by_one):
        run()
    alone = one_by_one / (time.perf_counter() - began)
    dbos.destroy()
    print(json.dumps({"side_by_side": together, "one_by_one": alone}))


def _launch(folder: str) -> tuple[Any, Any]:
    from dbos import DBOS  # type: ignore[import-not-found]

    url = f"sqlite:///{folder}/dbos.sqlite"
    DBOS(config={"name": "steps", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"})

    @DBOS.step()  # type: ignore[untyped-decorator]
    def step() -> None: ...

    @DBOS.workflow()  # type: ignore[untyped-decorator]
    def run() -> None:
        for _ in range(STEPS):
            step()

    DBOS.launch()
    return DBOS, run


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
