"""The archive is the same bytes wherever it is made, is named by them, and has what Google's buildpack looks for."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from components.gcp._package import MAIN, REQUIREMENTS, package
from components.packing import File

LOCKED = "msgspec==0.22.0 \\\n    --hash=sha256:0\n"
SOURCES = {
    "functions/__init__.py": "",
    "functions/codec.py": "CODEC = 1",
    "functions/adapters/__init__.py": "",
    "functions/adapters/clock.py": "",
    "functions/adapters/aws/orders.py": "",
    "functions/adapters/gcp/orders.py": "",
    "functions/adapters/http/client.py": "",
    "functions/adapters/local/orders.py": "",
    "functions/adapters/local/schema.sql": "",
    "functions/adapters/sandbox/payments.py": "",
    "functions/entrypoints/__init__.py": "",
    "functions/entrypoints/local.py": "",
    "functions/entrypoints/shared.py": "",
    "functions/entrypoints/aws/handlers.py": "",
    "functions/entrypoints/azure/handlers.py": "",
    "functions/entrypoints/gcp/handlers.py": "",
    "functions/__pycache__/codec.cpython-311.pyc": "",
    "components/__init__.py": "",
    "components/system.py": "",
    "components/saga/__init__.py": "",
    "components/saga/workflows.py": "",
    "components/saga/definition.py": "",
    "components/saga/start.py": "",
    "tests/test_codec.py": "",
    "main.py": "raise SystemExit",
    MAIN: "from functions.entrypoints.gcp import handlers",
    REQUIREMENTS: LOCKED,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """With modules for every target."""
    root = tmp_path / "project"
    for name, text in SOURCES.items():
        File(name=name, content=text.encode()).write_below(root)
    return root


def contents(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_archive_has_what_runs_on_google_cloud_and_nothing_of_other_targets(project: Path, tmp_path: Path) -> None:
    assert list(contents(package(root=project, kept=tmp_path))) == [
        "components/__init__.py",
        "components/saga/__init__.py",
        "components/saga/definition.py",
        "components/saga/start.py",
        "functions/__init__.py",
        "functions/adapters/__init__.py",
        "functions/adapters/clock.py",
        "functions/adapters/gcp/orders.py",
        "functions/adapters/http/client.py",
        "functions/adapters/sandbox/payments.py",
        "functions/codec.py",
        "functions/entrypoints/__init__.py",
        "functions/entrypoints/gcp/handlers.py",
        "functions/entrypoints/shared.py",
        "main.py",
        "requirements.txt",
    ]


def test_what_the_buildpack_starts_and_installs_is_at_the_root(project: Path, tmp_path: Path) -> None:
    """Not the project's own program, and every pin with its hash."""
    packed = contents(package(root=project, kept=tmp_path))
    assert packed["main.py"] == SOURCES[MAIN]
    assert packed["requirements.txt"] == LOCKED


def test_the_archive_is_named_by_its_bytes(project: Path, tmp_path: Path) -> None:
    built = package(root=project, kept=tmp_path)
    assert built.name == f"source-{hashlib.sha256(built.read_bytes()).hexdigest()[:16]}.zip"


def test_another_folder_umask_and_time_make_the_same_bytes(
    project: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    here = package(root=project, kept=tmp_path / "here")
    request.getfixturevalue("other_umask")
    moved = project.rename(tmp_path / "moved")
    for path in moved.rglob("*.py"):
        path.chmod(0o700)
        os.utime(path, (1, 1))
    there = package(root=moved, kept=tmp_path / "there")
    assert (here.name, here.read_bytes()) == (there.name, there.read_bytes())


def test_the_bytes_do_not_depend_on_how_some_zlib_compresses(project: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package(root=project, kept=tmp_path)) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("changed", ["functions/codec.py", MAIN, REQUIREMENTS])
def test_what_goes_into_the_archive_decides_its_name(changed: str, project: Path, tmp_path: Path) -> None:
    before = package(root=project, kept=tmp_path)
    (project / changed).write_text("# changed\n", encoding="utf-8")
    package.cache_clear()
    assert package(root=project, kept=tmp_path) != before


def test_what_another_target_runs_does_not_change_the_name(project: Path, tmp_path: Path) -> None:
    before = package(root=project, kept=tmp_path)
    (project / "functions/entrypoints/local.py").write_text("CHANGED = True", encoding="utf-8")
    package.cache_clear()
    assert package(root=project, kept=tmp_path) == before


def test_an_archive_that_is_there_already_is_written_over(project: Path, tmp_path: Path) -> None:
    built = package(root=project, kept=tmp_path)
    whole = built.read_bytes()
    built.write_bytes(whole[:100])
    package.cache_clear()
    assert package(root=project, kept=tmp_path).read_bytes() == whole


def test_a_build_leaves_nothing_behind_but_the_archive(project: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    built = package(root=project, kept=kept)
    assert list(kept.iterdir()) == [built]
