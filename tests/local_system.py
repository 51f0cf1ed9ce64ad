"""The order system on one machine as `make up` leaves it, without the engine, which is most of the time that takes: its
program runs under Pulumi's mocks, and the provider writes what was declared.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_provider.bucket import Bucket
from local_provider.database import Database
from local_provider.declarations import Declared
from local_provider.resource import Kind
from local_provider.running import last_announced
from local_runtime import issuer
from local_runtime.declarations import KINDS
from local_runtime.home import Home
from tests.graph import build, config

ROOT = Path(__file__).parents[1]
START_SECONDS = 30.0
WRITTEN: Mapping[str, Kind] = {
    **{name: Declared(declaration) for name, declaration in KINDS.items()},
    "Database": Database(),
    "Bucket": Bucket(),
}
"""The provider's kinds that leave files."""
LOGIN = {"issuer": "http://127.0.0.1/issuer", "audience": "orderly"}
"""As the recorded graph tells the functions."""
UNTHROTTLED = {"rate_per_second": 10_000, "burst": 5_000}
"""As much as the API may be let through."""


def declare(folder: Path, *, local: Mapping[str, object] | None = None, **settings: object) -> Home:
    """A home that a run time can be started on; `settings` are blocks of the stack file."""
    of_local = {"folder": str(folder), "port": 0, "delay_scale": 0.01, **(local or {})}
    graph = build(config("local", local=of_local, **settings))
    for name, kind in WRITTEN.items():
        for resource in graph.of(name).values():
            kind.create(dict(resource.inputs))
    home = Home(folder)
    issuer.ensure(home.issuer, **LOGIN)
    return home


@dataclass(frozen=True)
class Running:
    """A run time that answers at `url`; `process` is its own, so that a test can look at what it takes."""

    home: Home
    url: str
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def token(self, tenant: str = "acme", scope: str = "orders:read orders:write") -> str:
        return issuer.mint(self.home.issuer, tenant=tenant, scope=scope, minutes=60)

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def open_files(self) -> int:
        """But the database's: the store keeps a reader for each thread that once read beside others."""
        paths = [_target(each) for each in Path(f"/proc/{self.process.pid}/fd").iterdir()]
        return sum(self.home.database.name not in path for path in paths)

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/-/health", timeout=10) as answer:  # noqa: S310 -- loopback
            found: dict[str, Any] = json.loads(answer.read())
            return found


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """A system of its own in `folder`, ended with the block; no caller is too fast for its API."""
    with started(declare(folder / "home", api=UNTHROTTLED), folder / "run-time.log") as system:
        yield system


@contextmanager
def started(home: Home, log: Path) -> Iterator[Running]:
    """What it prints is added to the log."""
    command = [sys.executable, "-m", "local_runtime", "--home", str(home.root)]
    with log.open("ab") as printed:
        process = subprocess.Popen(command, cwd=ROOT, stdout=printed, stderr=printed)
    try:
        yield Running(home, _url(home, process, log), process)
    finally:
        process.kill()
        process.wait()


def _target(descriptor: Path) -> str:
    """Empty for one that was closed meanwhile."""
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:
        return ""


def _url(home: Home, process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while (announced := last_announced(home)) is None or announced.pid != process.pid:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, "the run time did not come up"
        time.sleep(0.01)
    return announced.url
