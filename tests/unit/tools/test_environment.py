from __future__ import annotations

import shlex
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[3] / "tools" / "pulumi"


@dataclass(frozen=True)
class Clone:
    """A copy of the tools in a project of its own, with a stand-in for the CLI on PATH."""

    project: Path
    cli: Path

    def exports(self, stack: str = "", **environment: str) -> dict[str, str]:
        done = self.run(stack, **environment)
        assert done.returncode == 0, done.stderr
        lines = [shlex.split(line) for line in done.stdout.splitlines()]
        assert all(line[0] == "export" for line in lines)
        return dict(line[1].split("=", 1) for line in lines)

    def run(self, stack: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(self.project / "tools" / "pulumi" / "environment.py"), *filter(None, [stack])],
            env={"PATH": f"{self.cli}:/usr/bin:/bin", **environment},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    project = tmp_path / "a project"
    shutil.copytree(TOOLS, project / "tools" / "pulumi")
    cli = tmp_path / "cli"
    cli.mkdir()
    _executable(cli / "pulumi")
    return Clone(project, cli)


def test_without_a_stack_only_path_is_set_and_nothing_made(clone: Clone) -> None:
    assert set(clone.exports()) == {"PATH"}
    assert not (clone.project / ".orderly").exists()


def test_the_virtual_environment_comes_first_and_our_language_host_last(clone: Clone) -> None:
    folders = clone.exports()["PATH"].split(":")
    assert folders[0] == str(clone.project / ".venv" / "bin")
    assert folders[-1] == str(clone.project / "tools" / "pulumi")


def test_a_language_host_on_path_is_not_shadowed(clone: Clone, tmp_path: Path) -> None:
    _executable(tmp_path / "elsewhere" / "pulumi-language-python")
    path = clone.exports(PATH=f"{clone.cli}:{tmp_path / 'elsewhere'}")["PATH"]
    assert str(clone.project / "tools" / "pulumi") not in path.split(":")


def test_a_language_host_beside_the_cli_is_not_shadowed_through_a_link_either(clone: Clone, tmp_path: Path) -> None:
    _executable(tmp_path / "official" / "pulumi")
    _executable(tmp_path / "official" / "pulumi-language-python")
    (clone.cli / "pulumi").unlink()
    (clone.cli / "pulumi").symlink_to(tmp_path / "official" / "pulumi")
    assert str(clone.project / "tools" / "pulumi") not in clone.exports()["PATH"].split(":")


def test_setting_it_twice_changes_nothing(clone: Clone) -> None:
    once = clone.exports("local")
    assert clone.exports(PATH=once["PATH"]) == {"PATH": once["PATH"]}


def test_the_local_stack_gets_a_state_folder_that_only_its_owner_enters(clone: Clone) -> None:
    assert clone.exports("local")["PULUMI_BACKEND_URL"] == (clone.project / ".orderly" / "state").as_uri()
    for folder in (clone.project / ".orderly", clone.project / ".orderly" / "state"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_local_stack_gets_a_passphrase_once_that_only_its_owner_reads(clone: Clone) -> None:
    file = Path(clone.exports("local")["PULUMI_CONFIG_PASSPHRASE_FILE"])
    passphrase = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(passphrase) > 40
    clone.exports("local")
    assert file.read_text() == passphrase
    assert {path.name for path in file.parent.iterdir()} == {"passphrase", "state"}


@pytest.mark.parametrize("name", ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])
def test_a_passphrase_of_the_caller_is_left_alone(clone: Clone, name: str) -> None:
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in clone.exports("local", **{name: ""})
    assert not (clone.project / ".orderly" / "passphrase").exists()


def test_a_state_store_of_the_caller_is_left_alone(clone: Clone) -> None:
    assert "PULUMI_BACKEND_URL" not in clone.exports("local", PULUMI_BACKEND_URL="s3://team")


def test_another_stack_needs_a_state_store_that_outlives_the_clone(clone: Clone) -> None:
    refused = clone.run("prod")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "stack prod" in refused.stderr
    assert "PULUMI_BACKEND_URL" in refused.stderr
    assert set(clone.exports("prod", PULUMI_BACKEND_URL="s3://team")) == {"PATH"}


def _executable(file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    file.touch(mode=0o755)
