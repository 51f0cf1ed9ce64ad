"""The real order system in a folder, declared as the engine would have: from its graph, in a tenth of the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.run_time import free_port
from chaos.system import DELAY_SCALE, SETTINGS, System, running
from tests.local_system import declare


@contextmanager
def declared(folder: Path, disk: Path) -> Iterator[System]:
    port = free_port()
    home = declare(disk / "home", local={"port": port, "delay_scale": DELAY_SCALE}, orders=SETTINGS["orders"])
    with running(home, port, folder / "run-time.log") as system:
        yield system
