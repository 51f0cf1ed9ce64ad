"""The providers' executables, as the engine starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PLUGINS = [
    PROJECT / "local_provider" / "pulumi-resource-local",
    PROJECT / "azure_publisher" / "pulumi-resource-azurepublisher",
]
ENVIRONMENT = {"PATH": os.environ["PATH"], "ORDERLY_PYTHON": sys.executable}


@pytest.fixture(params=PLUGINS, ids=lambda path: path.name)
def executable(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def plugin(executable: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [executable, "127.0.0.1:1"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        yield process
        process.kill()


@pytest.mark.parametrize("interrupt", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_quietly(plugin: subprocess.Popen[str], interrupt: signal.Signals) -> None:
    plugin.send_signal(interrupt)
    assert plugin.communicate(timeout=20) == ("", "")
    assert plugin.returncode == 0


def test_it_ends_with_an_engine_that_was_killed(plugin: subprocess.Popen[str]) -> None:
    assert plugin.stdin is not None
    plugin.stdin.close()
    assert plugin.wait(timeout=20) == 0


def test_an_interpreter_that_is_not_there_is_told_with_the_way_out(executable: Path, tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, "ORDERLY_PYTHON": str(tmp_path / "python")}
    done = subprocess.run([executable, "127.0.0.1:1"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert f"there is no Python at {tmp_path / 'python'}" in done.stderr
    assert "make env" in done.stderr
