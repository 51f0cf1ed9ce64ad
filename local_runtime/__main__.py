"""`python -m local_runtime --home HOME`: runs the local system that is declared in HOME until it is told to stop.

Exit codes: 0 stopped, 2 what was declared or stored cannot be used, 3 the port is taken, 4 it is running already.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from functions import logs
from functions.environment import Variable
from local_runtime import VERSION
from local_runtime.console import Console
from local_runtime.declarations import Function
from local_runtime.declared import Declared
from local_runtime.errors import RunTimeError
from local_runtime.home import Home
from local_runtime.listener import Listener, bind
from local_runtime.loading import load
from local_runtime.run_time_file import RunTimeFile, announced, sole_run_time
from local_runtime.server import HEALTH_PATH, Server
from local_runtime.store import Store
from local_runtime.supervisor import Supervisor
from local_runtime.system import System

STOP_SECONDS = 8.0
"""From the signal to the end, so that whoever stops the run time can count on ten."""
LOOK_SECONDS = 1.0
"""How often it looks whether its home is still its own."""
logger = logging.getLogger("local_runtime")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    os.umask(0o077)
    logs.configure(level=options.log_level or "INFO", function="run-time", stage="")
    try:
        run(Home(options.home), port=options.port, log_level=options.log_level)
    except RunTimeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def run(home: Home, *, port: int, log_level: str | None = None) -> None:
    """Serve until SIGTERM or SIGINT; raises RunTimeError when the system cannot run."""
    if not home.root.is_dir():
        raise RunTimeError(f"there is no local system in {home.root}: run `pulumi up --stack local` to make one")
    stopping = _signals()
    with sole_run_time(home) as is_sole:
        declared = load(home)
        logs.configure(level=log_level or _level(declared), function="run-time", stage=_stage(declared))
        store = Store(home.database)
        try:
            _serve(home, System(home, declared, store), port, lambda: _wait(home, stopping, is_sole))
        finally:
            store.close()


def _serve(home: Home, system: System, port: int, wait: Callable[[], None]) -> None:
    instance = uuid.uuid4().hex
    started_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    system.prepare()
    supervisor = Supervisor(system.loops())

    def health() -> dict[str, Any]:
        about = {"instance": instance, "version": VERSION, "started_at": started_at}
        return {**about, **system.health(), "loops": supervisor.health()}

    console = Console(system.watched(health))
    listener = Listener(Server(system.api, system.functions, health, console), bind(port))
    listener.start()
    supervisor.start()
    try:
        _require_answer(listener.url)
        about = RunTimeFile(pid=os.getpid(), instance=instance, url=listener.url, started_at=started_at)
        with announced(home.run_time, about):
            logger.info("run time is up", extra={"url": listener.url, "instance": instance})
            wait()
    finally:
        console.end_streams()
        _stop(listener, supervisor)


def _wait(home: Home, stopping: threading.Event, is_sole: Callable[[], bool]) -> None:
    """Until it is told to stop, or its home was removed: then nobody would find it any more to tell it."""
    while not stopping.wait(LOOK_SECONDS):
        if not is_sole():
            logger.warning("run time ends, since its home was removed under it", extra={"home": str(home.root)})
            return


def _stop(listener: Listener, supervisor: Supervisor) -> None:
    began = time.monotonic()
    supervisor.ask_to_stop()
    listener.stop()
    late = supervisor.wait(STOP_SECONDS - (time.monotonic() - began))
    logger.info("run time has stopped", extra={"cut_off": late})


def _require_answer(url: str) -> None:
    """Whoever reads the run time's file may rely on it."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}{HEALTH_PATH}", timeout=10) as response:
        if response.status != 200:
            raise RunTimeError(f"the run time does not answer at {url}: see the log")


def _signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _level(declared: Declared) -> str:
    """The most talkative level that a function was declared with: they all share this process."""
    levels = [function.environment.get(Variable.LOG_LEVEL, "") for function in declared.all(Function).values()]
    return min((level for level in levels if level in logs.LEVELS), key=logs.LEVELS.__getitem__, default="INFO")


def _stage(declared: Declared) -> str:
    stages = (function.environment.get(Variable.STAGE, "") for function in declared.all(Function).values())
    return next((stage for stage in stages if stage), "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local_runtime", description="Run a local system.")
    parser.add_argument("--home", type=Path, required=True, help="the local system's folder")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 (the default) chooses a free one")
    parser.add_argument("--log-level", choices=sorted(logs.LEVELS), help="default: what the functions were given")
    return parser


if __name__ == "__main__":
    sys.exit(main())
