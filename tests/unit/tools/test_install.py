from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[3] / "tools" / "pulumi"
BUILD = """
echo "go: downloading example.com/module v1.0.0" >&2
echo "example.com/module/package" >&2
mkdir -p "$GOBIN" && echo "#!/bin/sh" > "$GOBIN/pulumi" && chmod +x "$GOBIN/pulumi"
"""


@dataclass(frozen=True)
class Machine:
    """A machine with an empty home, whose PATH holds the shell's own tools and what a test puts there."""

    root: Path

    @property
    def commands(self) -> Path:
        return self.root / "bin"

    @property
    def cache(self) -> Path:
        return self.root / "cache" / "orderly"

    @property
    def builds(self) -> int:
        log = self.root / "builds"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def has(self, command: str, script: str) -> Path:
        file = self.commands / command
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    def has_go(self, script: str) -> None:
        self.has("go", f"echo build >> {self.root / 'builds'}\n{script}")

    def starts_install(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(TOOLS / "install.py")],
            env={"PATH": f"{self.commands}:/usr/bin:/bin", "XDG_CACHE_HOME": str(self.root / "cache")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_hear_interrupts,
        )

    def installs(self) -> tuple[str, str]:
        process = self.starts_install()
        printed, told = process.communicate(timeout=60)
        assert process.returncode == 0, told
        return printed.strip(), told

    def fails_to_install(self) -> str:
        process = self.starts_install()
        printed, told = process.communicate(timeout=60)
        assert (process.returncode, printed) == (1, "")
        return told


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    return Machine(tmp_path)


def test_a_cli_on_path_is_used_as_it_is(machine: Machine) -> None:
    machine.has("pulumi", "")
    assert machine.installs() == (str(machine.commands), "")
    assert not machine.cache.exists()


def test_without_one_it_is_built_into_the_cache_once(machine: Machine) -> None:
    machine.has_go(BUILD)
    folder, _ = machine.installs()
    assert Path(folder).is_relative_to(machine.cache)
    assert os.access(Path(folder, "pulumi"), os.X_OK)
    assert machine.installs() == (folder, "")
    assert machine.builds == 1


def test_the_build_gets_the_version_that_the_automation_api_asks_for(machine: Machine) -> None:
    machine.has_go(f'printf "%s\\n" "$@" > {machine.root / "arguments"}\n{BUILD}')
    folder, _ = machine.installs()
    version = Path(folder).parent.name.removeprefix("pulumi-")
    assert f"pulumi/pkg/v3 {version} " in (TOOLS / "go.mod").read_text()
    assert f"version.Version={version}\n" in (machine.root / "arguments").read_text()


def test_the_language_host_beside_a_built_cli_is_kept_current(machine: Machine) -> None:
    machine.has_go(BUILD)
    folder, _ = machine.installs()
    host = Path(folder, "pulumi-language-python")
    assert os.access(host, os.X_OK)
    host.write_text("of an older clone")
    machine.installs()
    assert host.read_text() == (TOOLS / host.name).read_text()


def test_progress_tells_what_was_downloaded_and_compiled(machine: Machine) -> None:
    machine.has_go(BUILD)
    _, told = machine.installs()
    assert "1 modules downloaded, 1 of about 1700 packages compiled" in told.splitlines()[-1]


def test_an_interrupted_build_is_never_taken_as_done(machine: Machine) -> None:
    machine.has_go(f"{BUILD}\ntouch {machine.root / 'half-done'}\nexec sleep 60")
    process = machine.starts_install()
    _wait_for((machine.root / "half-done").exists)
    _kill_with_children(process)
    assert list(machine.cache.glob("*/*/bin/pulumi")), "the build was not under way when it was killed"

    machine.has_go(BUILD)
    folder, _ = machine.installs()
    assert machine.builds == 2
    assert {path.name for path in machine.cache.iterdir()} == {"build.lock", Path(folder).parent.name}


def test_of_two_builds_at_once_the_second_waits_and_takes_the_first_ones(machine: Machine) -> None:
    machine.has_go(
        f"touch {machine.root / 'begun'}\nuntil [ -e {machine.root / 'go-on'} ]; do sleep 0.05; done\n{BUILD}"
    )
    first = machine.starts_install()
    _wait_for((machine.root / "begun").exists)
    second = machine.starts_install()
    assert second.stderr is not None
    assert "another build of the Pulumi CLI is under way" in second.stderr.readline()
    (machine.root / "go-on").touch()
    assert first.communicate(timeout=60)[0] == second.communicate(timeout=60)[0] != ""
    assert machine.builds == 1


def test_an_interrupt_ends_in_one_line(machine: Machine) -> None:
    machine.has_go(f"touch {machine.root / 'begun'}\nexec sleep 60")
    process = machine.starts_install()
    _wait_for((machine.root / "begun").exists)
    for pid in (*_children(process.pid), process.pid):
        os.kill(pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert told.splitlines()[-1] == "pulumi: interrupted; run this again to build it"
    assert "Traceback" not in told


def test_without_go_both_ways_out_are_named(machine: Machine) -> None:
    told = machine.fails_to_install()
    assert "install Go 1." in told
    assert "https://www.pulumi.com/docs/install/" in told


def test_what_go_complained_of_is_told(machine: Machine) -> None:
    machine.has_go('echo "go: example.com/module: dial tcp: lookup proxy: no such host" >&2; exit 1')
    told = machine.fails_to_install()
    assert "lookup proxy: no such host" in told
    assert "official CLI" in told
    assert "Traceback" not in told


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _hear_interrupts() -> None:
    """Whoever runs the tests in the background of a script has them ignored, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


def _kill_with_children(process: subprocess.Popen[str]) -> None:
    for pid in (process.pid, *_children(process.pid)):
        os.kill(pid, signal.SIGKILL)
    process.communicate()
