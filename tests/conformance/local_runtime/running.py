"""Declares the shop, starts the real run time on it, and kills it when a test wants that."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.saga.definition import Parallel, Retry, Saga, Step
from components.saga.json import to_document
from local_provider.running import last_announced
from local_runtime import store as stores
from local_runtime.home import Home

ROOT = Path(__file__).parents[3]
MODULE = "tests.conformance.local_runtime.shop"


def step(name: str, *, attempts: int = 1) -> Step:
    return Step(name=name, task=name, timeout_seconds=30, retry=Retry(attempts=attempts))


SAGA = Saga(
    name="order",
    nodes=(
        step("first"),
        step("second", attempts=3),
        Parallel(name="both", branches=((step("left"),), (step("right"),))),
        step("last"),
    ),
    on_rejected="no",
    on_failed="no",
)


def grant(verb: str, resource: str) -> dict[str, str]:
    return {"verb": verb, "resource": resource}


@dataclass
class Shop:
    """A home folder with the shop's declarations; tests may change them before they start it."""

    root: Path
    notes: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def declare(cls, folder: Path) -> Shop:
        shop = cls(folder / "home", folder / "notes")
        shop.notes.mkdir()
        shop.home.declarations.mkdir(parents=True)
        stores.create(shop.home.database, ())
        for kind, declarations in shop.declarations().items():
            for declaration in declarations:
                shop.write(kind, declaration)
        return shop

    @property
    def home(self) -> Home:
        return Home(self.root)

    def write(self, kind: str, declaration: dict[str, Any]) -> None:
        path = self.home.declarations / kind / f"{declaration['name']}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(declaration))

    def declarations(self) -> dict[str, list[dict[str, Any]]]:
        def function(name: str, *grants: dict[str, str], timeout: float = 20) -> dict[str, Any]:
            environment = {"NOTES": str(self.notes)}
            return {
                "name": name,
                "handler": f"{MODULE}:{name}",
                "timeout_seconds": timeout,
                "environment": environment,
                "grants": list(grants),
            }

        return {
            "Database": [{"name": "shop", "schema": "local_runtime/schema.sql"}],
            "Function": [
                function("api", grant("write", "database/shop"), timeout=5),
                function("relay", grant("consume", "database/shop"), grant("publish", "bus/shop")),
                function("fulfil", grant("consume", "queue/work"), grant("start", "workflow/order")),
                function("step"),
            ],
            "Feed": [{"name": "shop", "database": "shop", "function": "relay"}],
            "EventBus": [{"name": "shop"}],
            "Rule": [{"name": "placed", "bus": "shop", "pattern": {"type": ["placed"]}, "targets": ["queue/work"]}],
            "Queue": [{"name": "work", "max_receive_count": 3, "redelivery_delay_seconds": 0.01}],
            "Consumer": [{"name": "work", "queue": "work", "function": "fulfil", "batch_size": 1}],
            "Workflow": [
                {"name": "order", "saga": to_document(SAGA), "tasks": dict.fromkeys(SAGA.tasks(), "step")},
            ],
            "Api": [{"name": "api", "function": "api", "max_body_bytes": 2048, "burst": 50, "rate_per_second": 1000}],
            "Alarm": [{"name": "dead", "metric": "dead-letters", "resource": "work"}],
        }

    def start(self, *options: str) -> str:
        """Returns the address once the run time answers there."""
        process = self.spawn(*options)
        eventually(lambda: self._announces(process) or process.poll() is not None, "the run time is up")
        assert process.poll() is None, self.printed()
        announced = last_announced(self.home)
        assert announced
        return announced.url

    def _announces(self, process: subprocess.Popen[bytes]) -> bool:
        """A run time that was killed has left its own file."""
        announced = last_announced(self.home)
        return announced is not None and announced.pid == process.pid

    def spawn(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "local_runtime", "--home", str(self.root), *options]
        with (self.notes / f"stderr-{len(self.processes)}").open("wb") as stderr:
            self.processes.append(subprocess.Popen(command, cwd=ROOT, stderr=stderr))
        return self.processes[-1]

    def printed(self) -> str:
        """What the process that was started last wrote to standard error."""
        return (self.notes / f"stderr-{len(self.processes) - 1}").read_text()

    def refusal(self, *options: str) -> tuple[int, str]:
        """Exit code and what was printed, of a start that is expected to fail."""
        return self.spawn(*options).wait(20), self.printed()

    def kill(self) -> None:
        self.processes[-1].kill()
        self.processes[-1].wait()

    def stop(self) -> tuple[int, str]:
        """Exit code and log of a run time that was asked to stop."""
        self.processes[-1].terminate()
        return self.processes[-1].wait(10), self.printed()

    def let(self, name: str) -> None:
        (self.notes / name).touch()

    def noted(self, function: str) -> list[list[str]]:
        path = self.notes / f"{function}.log"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def eventually(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def http(
    method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, Any, bytes]:
    """Status, headers and body, whatever the status."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)  # noqa: S310 -- loopback
    try:
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310 -- loopback
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()
