"""A package is the same bytes wherever it is built, holds what a function runs and refuses what it could not run."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from components.aws import _package
from components.aws._package import PROVIDED, REQUIREMENTS, check_size, package, without
from components.packing import ROOT, File, PackageError, write_zip
from components.wheels import Platform

NO_BYTECODE = Platform(machine="aarch64", python="3.99")
"""No machine has such a Python, so that a zip has nothing but its sources."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that needs no dependencies, with modules for every target."""
    root = tmp_path / "project"
    files = {
        "functions/__init__.py": "",
        "functions/codec.py": "CODEC = 1",
        "functions/adapters/__init__.py": "",
        "functions/adapters/clock.py": "",
        "functions/adapters/aws/orders.py": "",
        "functions/adapters/local/orders.py": "",
        "functions/adapters/local/schema.sql": "",
        "functions/adapters/gcp/orders.py": "",
        "functions/entrypoints/local.py": "",
        "functions/entrypoints/aws/handlers.py": "",
        "functions/entrypoints/azure/handlers.py": "",
        "functions/__pycache__/codec.cpython-311.pyc": "",
        "components/__init__.py": "",
        "components/system.py": "",
        "components/saga/__init__.py": "",
        "components/saga/asl.py": "",
        "components/saga/definition.py": "",
        "components/saga/start.py": "",
        "tests/test_codec.py": "",
        **dict.fromkeys(REQUIREMENTS.values(), ""),
    }
    for name, text in files.items():
        File(name=name, content=text.encode()).write_below(root)
    return root


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_a_package_has_what_runs_on_aws_and_nothing_of_other_targets(project: Path, tmp_path: Path) -> None:
    built = package("functions", platform=NO_BYTECODE, root=project, kept=tmp_path / "kept")
    assert names(built) == [
        "components/__init__.py",
        "components/saga/__init__.py",
        "components/saga/definition.py",
        "components/saga/start.py",
        "functions/__init__.py",
        "functions/adapters/__init__.py",
        "functions/adapters/aws/orders.py",
        "functions/adapters/clock.py",
        "functions/codec.py",
        "functions/entrypoints/aws/handlers.py",
    ]


def test_another_folder_umask_and_time_make_the_same_bytes(
    project: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    here = package("functions", platform=NO_BYTECODE, root=project, kept=tmp_path / "here")
    request.getfixturevalue("other_umask")
    moved = project.rename(tmp_path / "moved")
    for path in moved.rglob("*.py"):
        path.chmod(0o700)
        os.utime(path, (1, 1))
    there = package("functions", platform=NO_BYTECODE, root=moved, kept=tmp_path / "there")
    assert (here.name, here.read_bytes()) == (there.name, there.read_bytes())


def test_a_package_that_was_built_is_not_built_again(project: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    built = package("functions", platform=NO_BYTECODE, root=project, kept=kept)
    built.write_bytes(b"kept")
    package.cache_clear()
    assert package("functions", platform=NO_BYTECODE, root=project, kept=kept).read_bytes() == b"kept"


@pytest.mark.parametrize("changed", ["functions/codec.py", REQUIREMENTS["functions"]])
def test_what_goes_into_a_package_decides_its_name(changed: str, project: Path, tmp_path: Path) -> None:
    before = package("functions", platform=NO_BYTECODE, root=project, kept=tmp_path)
    (project / changed).write_text("# changed\n", encoding="utf-8")
    package.cache_clear()
    assert package("functions", platform=NO_BYTECODE, root=project, kept=tmp_path) != before
    assert package("authorizer", platform=NO_BYTECODE, root=project, kept=tmp_path).name.startswith("authorizer-")


def test_what_another_target_runs_does_not_change_the_name(project: Path, tmp_path: Path) -> None:
    before = package("functions", platform=NO_BYTECODE, root=project, kept=tmp_path)
    (project / "functions/entrypoints/local.py").write_text("CHANGED = True", encoding="utf-8")
    package.cache_clear()
    assert package("functions", platform=NO_BYTECODE, root=project, kept=tmp_path) == before


def test_a_build_that_fails_leaves_nothing_behind(project: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    (project / REQUIREMENTS["functions"]).write_text("msgspec==0.0.0\n", encoding="utf-8")
    with pytest.raises(PackageError, match="could not be installed: make sure that the package index can be reached"):
        package("functions", platform=NO_BYTECODE, root=project, kept=kept)
    assert list(kept.iterdir()) == []


def test_a_zip_says_nothing_of_when_and_where_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    write_zip(path, [File(name="b.py", content=b""), File(name="a.abi3.so", content=b"")])
    with zipfile.ZipFile(path) as archive:
        told = [(entry.filename, entry.external_attr >> 16, entry.create_system) for entry in archive.infolist()]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert told == [("a.abi3.so", 0o100755, 3), ("b.py", 0o100644, 3)]


@pytest.mark.parametrize(("limit", "which"), [("MAX_ZIPPED_BYTES", "zipped"), ("MAX_BYTES", "unzipped")])
def test_a_package_that_lambda_would_refuse_is_refused_here(
    limit: str, which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_package, limit, 100)
    write_zip(tmp_path / "x.zip", [File(name="x", content=os.urandom(101))])
    with pytest.raises(PackageError, match=f"bytes {which}; Lambda allows 100: take a dependency out"):
        check_size(tmp_path / "x.zip")


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_what_the_runtime_has_is_not_installed_and_the_rest_keeps_its_hashes(name: str) -> None:
    locked = (ROOT / REQUIREMENTS[name]).read_text(encoding="utf-8")
    installed = without(locked, PROVIDED)
    pins = [line.partition("==")[0] for line in installed.splitlines() if "==" in line]
    assert not PROVIDED.intersection(pins)
    assert {"msgspec", "urllib3", "aws-lambda-powertools", "aws-xray-sdk"} <= set(pins)
    assert {line.partition("==")[0] for line in locked.splitlines() if "==" in line} - set(pins) == PROVIDED
    for block in installed.split("\n    # via")[:-1]:
        assert "--hash=sha256:" in block
