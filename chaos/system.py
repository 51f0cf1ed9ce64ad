"""The system that is harmed: the real one, made by the real Pulumi engine in a folder of its own, and taken away."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.errors import ChaosError
from chaos.plan import INITIAL_UNITS, TENANTS
from chaos.run_time import RunTime, free_port, until
from local_provider.running import find, is_alive
from local_runtime.home import Home
from local_runtime.issuer import mint

SCOPE = "orders:read orders:write"
TOKEN_MINUTES = 600
DELAY_SCALE = 0.02
"""Of the waits between a saga's attempts: they prove nothing, and the run would take minutes longer."""
SETTINGS: Mapping[str, Any] = {"stage": "dev", "target": "local", "orders": {"sandbox_stock": INITIAL_UNITS}}


@dataclass(frozen=True, kw_only=True)
class System:
    """A home that was made, and the run time that this program starts on it."""

    home: Home
    run_time: RunTime

    @property
    def archive(self) -> Path:
        return self.home.buckets / "event-archive"

    def tokens(self) -> dict[str, str]:
        """One for each tenant."""
        return {tenant: mint(self.home.issuer, tenant=tenant, scope=SCOPE, minutes=TOKEN_MINUTES) for tenant in TENANTS}


@contextmanager
def deployed(folder: Path, home: Path) -> Iterator[System]:
    """Made by `pulumi up` and taken away by `pulumi destroy`; its run time is ours in between."""
    # The SDK takes a tenth of a second to load, which a test that makes its system otherwise need not wait for.
    from components.config import OrderSystemConfig
    from portal.deployment import Deployment, Workspace

    port = free_port()
    local = {"folder": str(home), "port": port, "delay_scale": DELAY_SCALE}
    config = OrderSystemConfig.parse({**SETTINGS, "local": local})
    (folder / "state").mkdir()
    workspace = Workspace(
        state=(folder / "state").as_uri(), passphrase=os.urandom(16).hex(), folder=folder / "workspace"
    )
    deployment = Deployment(config, "chaos", workspace=workspace)
    try:
        deployment.up()
        _stop(Home(home))
        with running(Home(home), port, folder / "run-time.log") as system:
            yield system
    finally:
        with suppress(Exception):  # whatever is wrong already is what has to be told
            deployment.destroy()


@contextmanager
def running(home: Home, port: int, log: Path) -> Iterator[System]:
    """No process is left, however it ends."""
    system = System(home=home, run_time=RunTime(home.root, port, log))
    try:
        yield system
    finally:
        system.run_time.kill()


def _stop(home: Home) -> None:
    """The engine has started the run time; from here on it is started and killed here."""
    found = find(home)
    if found is None:
        raise ChaosError(f"the engine made a system in {home.root}, and no run time lives there")
    os.kill(found.pid, signal.SIGTERM)
    until(lambda: not is_alive(home), 20, "the run time that the engine started has stopped")
