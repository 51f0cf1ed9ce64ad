"""Systems on the real engine: the whole one by portal.deployment, and stacks of single resources of the provider."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pulumi
import urllib3
from pulumi import automation

from components.config import OrderSystemConfig
from local_provider.running import is_taken, port_of
from local_runtime.home import Home
from local_runtime.issuer import mint
from portal.deployment import PROJECT_FILE, Deployment, Workspace
from portal.program import InlineProgram
from tests.served import free_port

IGNORED_LEAK = "ignore:Exception ignored in.*:pytest.PytestUnraisableExceptionWarning"
"""The SDK leaves an event loop open in each thread of the Automation API that runs a program."""
PASSPHRASE = "of the tests alone"  # noqa: S105
STACK = "test"


@dataclass(frozen=True)
class System:
    """The order system of one folder: its state, its home and whatever is in it."""

    folder: Path
    delay_scale: float = 0.01
    port: int = field(default_factory=lambda: free_port())

    @property
    def home(self) -> Home:
        return Home(self.folder / "home")

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def deployment(self, **settings: object) -> Deployment:
        self.state.mkdir(exist_ok=True)
        local = {"port": self.port, "folder": str(self.home.root), "delay_scale": self.delay_scale}
        config = OrderSystemConfig.parse({"stage": "dev", "target": "local", "local": local, **settings})
        workspace = Workspace(state=self.state.as_uri(), passphrase=PASSPHRASE, folder=self.folder / "work")
        return Deployment(config, STACK, workspace=workspace)

    def run_time(self) -> dict[str, Any]:
        return run_time(self.home)

    def place_order(self) -> str:
        body = {
            "currency": "EUR",
            "payment_method": "sandbox-approve",
            "items": [{"sku": "TEAPOT", "quantity": 1, "unit_price_minor": 3499}],
        }
        return str(self._ask("POST", "/orders", body)["order_id"])

    def place_fulfilled_order(self) -> str:
        order_id = self.place_order()
        until(lambda: self.status(order_id) == "FULFILLED")
        return order_id

    def status(self, order_id: str) -> str:
        return str(self._ask("GET", f"/orders/{order_id}")["status"])

    def order_ids(self) -> set[str]:
        return {order["order_id"] for order in self._ask("GET", "/orders?limit=100")["orders"]}

    def _ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 -- JSON
        token = mint(self.home.issuer, tenant="tests", scope="orders:read orders:write", minutes=5)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": os.urandom(8).hex()}
        with urllib3.PoolManager() as http:
            response = http.request(method, self.run_time()["url"] + path, json=body, headers=headers)
        assert response.status < 300, response.data
        return response.json()


Program = Callable[[str], object]
"""Declares resources, given the home that they share."""


class Resource(pulumi.CustomResource):
    """Any resource of the provider, without components around it."""

    digest: pulumi.Output[str]

    def __init__(self, kind: str, called: str, /, **inputs: object) -> None:
        super().__init__(f"local:index:{kind}", called, {"name": called, **inputs, "digest": None})


@dataclass
class Raw:
    """A stack whose program declares single resources, all in one home."""

    folder: Path

    @property
    def home(self) -> Home:
        return Home(self.folder / "home")

    @cached_property
    def stack(self) -> automation.Stack:
        (self.folder / "state").mkdir()
        (self.folder / "work").mkdir()
        (self.folder / "work" / "Pulumi.yaml").write_text(json.dumps(PROJECT_FILE))
        variables = {
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        return automation.create_or_select_stack(
            STACK,
            project_name="orderly",
            program=lambda: None,
            opts=automation.LocalWorkspaceOptions(work_dir=str(self.folder / "work"), env_vars=variables),
        )

    def up(self, program: Program) -> dict[str, int]:
        """How many resources were created, updated and so on; the stack counts as one."""
        with self._inline(program) as inline:
            done = self.stack.up(program=inline)
        changes = dict(done.summary.resource_changes or {})
        return {str(operation): count for operation, count in changes.items() if operation != "same"}

    def preview(self, program: Program) -> Mapping[Any, int]:
        with self._inline(program) as inline:
            return self.stack.preview(program=inline).change_summary

    @contextmanager
    def _inline(self, program: Program) -> Iterator[InlineProgram]:
        inline = InlineProgram(lambda: program(str(self.home.root)))
        try:
            yield inline
        finally:
            inline.end()

    def refusal(self, program: Program) -> str:
        """What `up` says when it fails."""
        try:
            self.up(program)
        except automation.CommandError as error:
            return str(error)
        raise AssertionError("up was expected to fail, and did not")

    def refresh(self) -> None:
        self.stack.refresh()

    def outputs_of(self, name: str) -> dict[str, Any]:
        """What the state says of a resource."""
        state = self.stack.export_stack().deployment or {}
        for resource in state["resources"]:
            if resource["urn"].endswith(f"::{name}"):
                return dict(resource["outputs"])
        raise AssertionError(f"the state has no resource {name}")

    def destroy(self) -> None:
        self.stack.destroy(program=lambda: None)


def run_time(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(home.run_time.read_bytes())
    return found


def kill(home: Home) -> None:
    """End the run time without a chance to clean up."""
    found = run_time(home)
    os.kill(found["pid"], signal.SIGKILL)
    until(lambda: not lives(found["pid"]) and not is_taken(port_of(found["url"])))


def lives(pid: int) -> bool:
    """A zombie, whose parent has not looked yet, has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"did not come about within {seconds:g} s"
        time.sleep(0.05)
