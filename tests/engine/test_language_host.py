"""The language host for machines without the official one, driven by the real CLI on a small project."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOST = Path(__file__).resolve().parents[2] / "tools" / "pulumi" / "pulumi-language-python"


class Project:
    """A Pulumi project with its own state, home and virtual environment, run by our language host."""

    def __init__(self, folder: Path, cli: Path) -> None:
        self.folder = folder
        self._environment = {
            "PATH": f"{HOST.parent}:{cli}:/usr/bin:/bin",
            "HOME": str(folder),
            "PULUMI_BACKEND_URL": folder.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        (folder / "Pulumi.yaml").write_text(
            "name: small\nruntime:\n  name: python\n  options:\n    virtualenv: environment # links to the tests' own\n"
        )
        (folder / "environment").symlink_to(sys.prefix)

    def program(self, text: str) -> Project:
        (self.folder / "__main__.py").write_text(text)
        return self

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--stack", "test"],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def up(self) -> subprocess.CompletedProcess[str]:
        return self.pulumi("up", "--yes", "--skip-preview")

    def starts_host(self) -> subprocess.Popen[str]:
        host = subprocess.Popen(
            [str(HOST), "127.0.0.1:1"],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert host.stdout is not None
        assert int(host.stdout.readline()) > 0
        return host


@pytest.fixture
def project(tmp_path: Path) -> Project:
    cli = shutil.which("pulumi")
    assert cli, 'no pulumi on PATH; set it with: eval "$(make -s env)"'
    project = Project(tmp_path, Path(cli).parent)
    created = project.pulumi("stack", "init")
    assert created.returncode == 0, created.stderr
    return project


@pytest.fixture
def host(project: Project) -> Iterator[subprocess.Popen[str]]:
    with project.starts_host() as host:
        yield host
        host.kill()


def test_a_program_runs_in_its_folder_and_virtual_environment(project: Project) -> None:
    project.program(
        "import os, sys, pulumi\n"
        "import beside\n"
        "pulumi.export('ran', [os.getcwd(), sys.prefix, beside.NAME, pulumi.get_stack()])\n"
    )
    (project.folder / "beside.py").write_text("NAME = 'beside'\n")
    done = project.up()
    assert done.returncode == 0, done.stdout + done.stderr
    ran = project.pulumi("stack", "output", "ran").stdout
    assert ran.strip() == f'["{project.folder}","{project.folder / "environment"}","beside","test"]'


def test_a_second_up_changes_nothing(project: Project) -> None:
    project.program("import pulumi\npulumi.export('answer', 1)\n")
    assert project.up().returncode == 0
    again = project.pulumi("preview", "--expect-no-changes")
    assert again.returncode == 0, again.stdout


def test_a_program_that_raises_fails_with_its_own_frames_only(project: Project) -> None:
    failed = project.program("def wrong():\n    raise ValueError('three is too many')\nwrong()\n").up()
    assert failed.returncode != 0
    assert "ValueError: three is too many" in failed.stdout
    assert f'File "{project.folder / "__main__.py"}", line 3' in failed.stdout
    assert "runpy" not in failed.stdout
    assert f'File "{HOST}"' not in failed.stdout


def test_a_program_that_fails_later_fails_the_update_too(project: Project) -> None:
    failed = project.program(
        "import pulumi\npulumi.export('late', pulumi.Output.from_input(0).apply(lambda none: 1 / none))\n"
    ).up()
    assert failed.returncode != 0
    assert "ZeroDivisionError" in failed.stdout


def test_a_run_error_shows_its_message_once_and_no_traceback(project: Project) -> None:
    failed = project.program("import pulumi\nraise pulumi.RunError('queue: 10m is too long')\n").up()
    assert failed.returncode != 0
    assert failed.stdout.partition("Diagnostics:")[2].count("queue: 10m is too long") == 1
    assert "Traceback" not in failed.stdout + failed.stderr


def test_a_missing_virtual_environment_is_told_with_the_next_step(project: Project) -> None:
    (project.folder / "environment").unlink()
    failed = project.program("").up()
    assert failed.returncode != 0
    assert f"no Python at {project.folder / 'environment' / 'bin' / 'python'}" in failed.stdout
    assert "make env" in failed.stdout
    assert "Traceback" not in failed.stdout + failed.stderr


@pytest.mark.parametrize("interrupt", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_quietly(host: subprocess.Popen[str], interrupt: signal.Signals) -> None:
    os.kill(host.pid, interrupt)
    assert host.communicate(timeout=10) == ("", "")
    assert host.returncode == 0


def test_it_ends_with_an_engine_that_was_killed(host: subprocess.Popen[str]) -> None:
    assert host.stdin is not None
    host.stdin.close()
    assert host.wait(timeout=10) == 0
