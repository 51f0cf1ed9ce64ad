from __future__ import annotations

from pathlib import Path

import pytest

from tests.azure.unpacked import unpack, unpack_for_loopback
from tests.azure.worker import Worker


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, unpacked as it is mounted."""
    return unpack(tmp_path_factory.mktemp("wwwroot"))


@pytest.fixture(scope="session")
def led(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, with its clients led to this machine."""
    return unpack_for_loopback(tmp_path_factory.mktemp("loopback"))


@pytest.fixture(scope="session", autouse=True)
def engine(folder: Path, pytestconfig: pytest.Config) -> str:
    """What indexes and invokes here: the run says so, for it is not the same proof everywhere."""
    with Worker(folder, {"ORDERLY_HANDLER": "cleanup"}) as worker:
        reporter = pytestconfig.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"the package of Azure is indexed and invoked by {worker.engine}")
        return worker.engine
