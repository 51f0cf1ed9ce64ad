"""The package is the same bytes wherever it is made, and has what the worker looks for where it looks."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from components.azure._host import HOST, DurableBackend, host_json
from components.azure._package import ENTRY_POINT, REQUIREMENTS, package
from components.packing import File, PackageError
from components.wheels import Platform

NO_BYTECODE = Platform(machine="x86_64", python="3.99")
"""No machine has such a Python, so that a zip has nothing but its sources."""
SOURCES = {
    "functions/__init__.py": "",
    "functions/codec.py": "CODEC = 1",
    "functions/adapters/aws/orders.py": "",
    "functions/adapters/azure/orders.py": "",
    "functions/adapters/http/client.py": "",
    "functions/adapters/local/schema.sql": "",
    "functions/entrypoints/local.py": "",
    "functions/entrypoints/azure/handlers.py": "",
    "functions/entrypoints/gcp/handlers.py": "",
    "functions/__pycache__/codec.cpython-311.pyc": "",
    "components/__init__.py": "",
    "components/system.py": "",
    "components/saga/__init__.py": "",
    "components/saga/durable.py": "",
    "components/saga/definition.py": "",
    "components/saga/start.py": "",
    "tests/test_codec.py": "",
    "host.json": "{}",
    "function_app.py": "raise SystemExit",
    ENTRY_POINT: "app = 1",
    REQUIREMENTS: "",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One that needs no dependencies, with modules for every target."""
    root = tmp_path / "project"
    for name, text in SOURCES.items():
        File(name=name, content=text.encode()).write_below(root)
    return root


def built(project: Path, kept: Path, backend: DurableBackend = "storage") -> Path:
    package.cache_clear()
    return package(backend, platform=NO_BYTECODE, root=project, kept=kept)


def contents(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_package_has_what_runs_on_azure_and_nothing_of_other_targets(project: Path, tmp_path: Path) -> None:
    assert list(contents(built(project, tmp_path))) == [
        "components/__init__.py",
        "components/saga/__init__.py",
        "components/saga/definition.py",
        "components/saga/start.py",
        "function_app.py",
        "functions/__init__.py",
        "functions/adapters/azure/orders.py",
        "functions/adapters/http/client.py",
        "functions/codec.py",
        "functions/entrypoints/azure/handlers.py",
        "host.json",
    ]


def test_what_the_worker_and_the_host_look_for_is_at_the_root(project: Path, tmp_path: Path) -> None:
    packed = contents(built(project, tmp_path))
    assert packed["function_app.py"] == SOURCES[ENTRY_POINT]
    assert json.loads(packed["host.json"]) == HOST


def test_a_workflow_with_a_scheduler_has_a_package_whose_host_file_says_so(project: Path, tmp_path: Path) -> None:
    other = contents(built(project, tmp_path, "scheduler"))
    assert json.loads(other.pop("host.json")) == host_json("scheduler")
    assert other == {name: text for name, text in contents(built(project, tmp_path)).items() if name != "host.json"}


def test_another_folder_umask_and_time_make_the_same_bytes(
    project: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    here = built(project, tmp_path / "here")
    request.getfixturevalue("other_umask")
    moved = project.rename(tmp_path / "moved")
    for path in moved.rglob("*.py"):
        path.chmod(0o700)
        os.utime(path, (1, 1))
    there = built(moved, tmp_path / "there")
    assert (here.name, here.read_bytes()) == (there.name, there.read_bytes())


@pytest.mark.parametrize("changed", ["functions/codec.py", ENTRY_POINT, REQUIREMENTS])
def test_what_goes_into_the_package_decides_its_name(changed: str, project: Path, tmp_path: Path) -> None:
    before = built(project, tmp_path)
    (project / changed).write_text("# changed\n", encoding="utf-8")
    assert built(project, tmp_path) != before


def test_what_another_target_runs_does_not_change_the_name(project: Path, tmp_path: Path) -> None:
    before = built(project, tmp_path)
    (project / "functions/entrypoints/local.py").write_text("CHANGED = True", encoding="utf-8")
    assert built(project, tmp_path) == before


def test_a_package_that_was_built_is_not_built_again(project: Path, tmp_path: Path) -> None:
    built(project, tmp_path).write_bytes(b"kept")
    assert built(project, tmp_path).read_bytes() == b"kept"


def test_a_build_that_fails_leaves_nothing_behind(project: Path, tmp_path: Path) -> None:
    (project / REQUIREMENTS).write_text("msgspec==0.0.0\n", encoding="utf-8")
    with pytest.raises(PackageError, match="could not be installed"):
        built(project, tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []
