"""A package is the same bytes wherever it is built, holds what a function runs and refuses what it could not run."""

from __future__ import annotations

import os
import struct
import sys
import zipfile
from pathlib import Path

import pytest

from components.aws import _package_files
from components.aws._package import LAMBDA, PROVIDED, REQUIREMENTS, ROOT, Platform, package, without
from components.aws._package_files import check_size, packed_files
from components.aws._package_tools import Compiler, clear_bytecode, compile_in, compiler_for, install
from components.packing import File, PackageError, write_zip

THIS_PYTHON = Platform(machine="x86_64", python=f"{sys.version_info.major}.{sys.version_info.minor}")
NO_BYTECODE = Platform(machine="aarch64", python="3.99")
"""No machine has such a Python, so that a zip has nothing but its sources."""


def library(machine: int) -> bytes:
    """As much of an ELF header as says what the library is for."""
    return b"\x7fELF".ljust(18, b"\0") + struct.pack("<H", machine)


AARCH64, X86_64 = library(183), library(62)


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


def test_without_uv_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(PackageError, match="no uv to build packages with: run make up, or pip install uv"):
        install("", tmp_path / "packed", LAMBDA)


def test_a_zip_says_nothing_of_when_and_where_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    write_zip(path, [File(name="b.py", content=b""), File(name="a.abi3.so", content=AARCH64)])
    with zipfile.ZipFile(path) as archive:
        told = [(entry.filename, entry.external_attr >> 16, entry.create_system) for entry in archive.infolist()]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert told == [("a.abi3.so", 0o100755, 3), ("b.py", 0o100644, 3)]


def folder_of(tmp_path: Path, **files: bytes) -> Path:
    for name, content in files.items():
        File(name=name, content=content).write_below(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "bin/jp.py",
        "wrapt-2.5.2.dist-info/RECORD",
        "wrapt-2.5.2.dist-info/INSTALLER",
        "wrapt-2.5.2.dist-info/direct_url.json",
        "six/tests/test_six.py",
        "cryptography/hazmat/bindings/_rust/test_support.pyi",
        "aws_lambda_powertools/event_handler/openapi/swagger_ui/swagger-ui.min.js",
    ],
)
def test_what_no_function_needs_is_left_out(name: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{name: b"", "wrapt/wrappers.py": b"", "wrapt-2.5.2.dist-info/METADATA": b""})
    assert sorted(file.name for file in packed_files(folder, LAMBDA)) == [
        "wrapt-2.5.2.dist-info/METADATA",
        "wrapt/wrappers.py",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("_wrappers.cpython-313-x86_64-linux-gnu.so", X86_64),
        ("_wrappers.cpython-313-aarch64-linux-gnu.so", X86_64),
        ("_wrappers.cpython-312-aarch64-linux-gnu.so", AARCH64),
        ("_wrappers.so", AARCH64),
        ("_wrappers.abi3.so", b"not a library"),
    ],
)
def test_a_library_that_lambda_could_not_load_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"_wrappers.*not made for Python 3.13 on aarch64.*pin a version"):
        list(packed_files(folder_of(tmp_path, **{name: content}), LAMBDA))


@pytest.mark.parametrize("name", ["_wrappers.cpython-313-aarch64-linux-gnu.so", "_rust.abi3.so"])
def test_a_library_that_lambda_loads_is_packed(name: str, tmp_path: Path) -> None:
    assert [file.name for file in packed_files(folder_of(tmp_path, **{name: AARCH64}), LAMBDA)] == [name]


@pytest.mark.parametrize(("limit", "which"), [("MAX_ZIPPED_BYTES", "zipped"), ("MAX_BYTES", "unzipped")])
def test_a_package_that_lambda_would_refuse_is_refused_here(
    limit: str, which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_package_files, limit, 100)
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


def test_bytecode_names_the_file_that_runs_and_not_where_it_was_built(tmp_path: Path) -> None:
    compiler = compiler_for(THIS_PYTHON)
    assert isinstance(compiler, Compiler)
    compile_in(folder_of(tmp_path, **{"functions/codec.py": b"def f(): pass"}), compiler)
    (written,) = tmp_path.rglob("*.pyc")
    assert b"/var/task/functions/codec.py" in written.read_bytes()
    assert str(tmp_path).encode() not in written.read_bytes()


def test_bytecode_that_an_installer_brought_along_is_not_packed(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"six/__init__.py": b"", "six/__pycache__/__init__.cpython-311.pyc": b"stale"})
    clear_bytecode(folder)
    assert [file.name for file in packed_files(folder, LAMBDA)] == ["six/__init__.py"]


def test_what_cannot_be_compiled_is_refused(tmp_path: Path) -> None:
    compiler = compiler_for(THIS_PYTHON)
    assert isinstance(compiler, Compiler)
    with pytest.raises(PackageError, match="cannot compile what goes into a package"):
        compile_in(folder_of(tmp_path, **{"functions/codec.py": b"def"}), compiler)


def test_a_python_of_another_version_does_not_compile() -> None:
    assert compiler_for(NO_BYTECODE) is None


def test_a_stand_in_that_starts_nothing_does_not_compile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = tmp_path / "python3.99"
    stand_in.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compiler_for(NO_BYTECODE) is None
