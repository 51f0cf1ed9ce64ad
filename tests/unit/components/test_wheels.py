"""What a package brings along is made for the machine that runs it, or refused."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import pytest

from components.packing import File, PackageError
from components.wheels import Compiler, Platform, compile_in, compiler_for, install, packed_files

X86_313 = Platform(machine="x86_64", python="3.13")
THIS_PYTHON = Platform(machine="x86_64", python=f"{sys.version_info.major}.{sys.version_info.minor}")
NO_PYTHON = Platform(machine="x86_64", python="3.99")


def library(machine: int) -> bytes:
    """As much of an ELF header as says what the library is for."""
    return b"\x7fELF".ljust(18, b"\0") + struct.pack("<H", machine)


AARCH64, X86_64 = library(183), library(62)


UV_THAT_BRINGS_BYTECODE = """#!/bin/sh
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/six/__pycache__"
touch "$2/six/__init__.py" "$2/six/__pycache__/__init__.cpython-311.pyc"
"""


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
        "azure/durable_functions/openai_agents/context.py",
    ],
)
def test_what_no_function_needs_is_left_out(name: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{name: b"", "wrapt/wrappers.py": b"", "wrapt-2.5.2.dist-info/METADATA": b""})
    unused = ["azure/durable_functions/openai_agents"]
    assert sorted(file.name for file in packed_files(folder, X86_313, unused=unused)) == [
        "wrapt-2.5.2.dist-info/METADATA",
        "wrapt/wrappers.py",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("_wrappers.cpython-313-aarch64-linux-gnu.so", AARCH64),
        ("_wrappers.cpython-313-x86_64-linux-gnu.so", AARCH64),
        ("_wrappers.cpython-312-x86_64-linux-gnu.so", X86_64),
        ("_wrappers.so", X86_64),
        ("_wrappers.abi3.so", b"not a library"),
    ],
)
def test_a_library_that_could_not_be_loaded_there_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"_wrappers.*not made for Python 3.13 on x86_64.*pin a version"):
        list(packed_files(folder_of(tmp_path, **{name: content}), X86_313))


@pytest.mark.parametrize("name", ["_wrappers.cpython-313-x86_64-linux-gnu.so", "_rust.abi3.so"])
def test_a_library_that_is_made_for_it_is_packed(name: str, tmp_path: Path) -> None:
    assert [file.name for file in packed_files(folder_of(tmp_path, **{name: X86_64}), X86_313)] == [name]


def test_what_cannot_be_installed_is_refused_with_what_uv_says(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="could not be installed: make sure that the package index can be reached"):
        install("msgspec==0.0.0\n", tmp_path / "packed", X86_313)


def test_without_uv_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(PackageError, match="no uv to build packages with: run make up, or pip install uv"):
        install("", tmp_path / "packed", X86_313)


def test_bytecode_that_an_installer_brought_along_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uv = tmp_path / "uv"
    uv.write_text(UV_THAT_BRINGS_BYTECODE, encoding="utf-8")
    uv.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", os.defpath)
    install("", tmp_path / "packed", X86_313)
    assert [path.name for path in tmp_path.glob("packed/six/*")] == ["__init__.py"]


def test_bytecode_names_the_file_that_runs_and_not_where_it_was_built(tmp_path: Path) -> None:
    compiler = compiler_for(THIS_PYTHON)
    assert isinstance(compiler, Compiler)
    folder = folder_of(tmp_path, **{"functions/codec.py": b"def f(): pass"})
    compile_in(folder, compiler, runs_in="/home/site/wwwroot")
    (written,) = tmp_path.rglob("*.pyc")
    assert b"/home/site/wwwroot/functions/codec.py" in written.read_bytes()
    assert str(tmp_path).encode() not in written.read_bytes()


def test_what_cannot_be_compiled_is_refused(tmp_path: Path) -> None:
    compiler = compiler_for(THIS_PYTHON)
    assert isinstance(compiler, Compiler)
    with pytest.raises(PackageError, match="cannot compile what goes into a package"):
        compile_in(folder_of(tmp_path, **{"functions/codec.py": b"def"}), compiler, runs_in="/")


def test_a_python_of_another_version_does_not_compile() -> None:
    assert compiler_for(NO_PYTHON) is None


def test_a_stand_in_that_starts_nothing_does_not_compile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = tmp_path / "python3.99"
    stand_in.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compiler_for(NO_PYTHON) is None
