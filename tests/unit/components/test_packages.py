"""A package is built once, under a name that everything decides which decides its bytes."""

from __future__ import annotations

import platform
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pulumi
import pytest

from components import packages, packing, wheels
from components.packages import Layout, Package
from components.packing import File, PackageError
from components.wheels import Platform

LAYOUT = Layout(platform=Platform(machine="x86_64", python="3.99"), runs_in="/app", libraries="libraries")
"""No machine has such a Python, so that a zip has nothing but its sources."""
PACKAGE = Package(name="functions", sources=(File(name="main.py", content=b""),), requirements="", layout=LAYOUT)
OTHERS: Mapping[str, Package] = {
    "source": replace(PACKAGE, sources=(File(name="main.py", content=b"changed"),)),
    "source's name": replace(PACKAGE, sources=(File(name="app.py", content=b""),)),
    "requirement": replace(PACKAGE, requirements="# changed\n"),
    "machine": replace(PACKAGE, layout=replace(LAYOUT, platform=Platform(machine="aarch64", python="3.99"))),
    "folder that it runs in": replace(PACKAGE, layout=replace(LAYOUT, runs_in="/elsewhere")),
    "folder of libraries": replace(PACKAGE, layout=replace(LAYOUT, libraries="elsewhere")),
    "part that nothing uses": replace(PACKAGE, layout=replace(LAYOUT, unused=("six",))),
}


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_the_same_package_has_the_same_name_and_bytes(tmp_path: Path) -> None:
    here, there = PACKAGE.built(tmp_path / "here"), PACKAGE.built(tmp_path / "there")
    assert (here.name, here.read_bytes()) == (there.name, there.read_bytes())


@pytest.mark.parametrize("other", OTHERS)
def test_whatever_goes_into_a_package_decides_its_name(other: str, tmp_path: Path) -> None:
    assert OTHERS[other].built(tmp_path) != PACKAGE.built(tmp_path)


@pytest.mark.parametrize("module", [packages, packing, wheels], ids=lambda module: module.__name__)
def test_whatever_builds_a_package_decides_its_name(
    module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = PACKAGE.built(tmp_path)
    changed = shutil.copy(str(module.__file__), tmp_path)
    with Path(changed).open("a", encoding="utf-8") as text:
        text.write("# changed\n")
    monkeypatch.setattr(module, "__file__", changed)
    assert PACKAGE.built(tmp_path) != before


def test_libraries_are_where_the_runtime_looks_and_without_what_nothing_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def installed(requirements: str, folder: Path, platform: Platform) -> None:
        for name in (f"{requirements}/__init__.py", f"{requirements}/swagger/page.py"):
            File(name=name, content=b"").write_below(folder)

    monkeypatch.setattr(packages, "install", installed)
    wanted = replace(PACKAGE, requirements="six", layout=replace(LAYOUT, unused=("six/swagger",)))
    assert names(wanted.built(tmp_path)) == ["libraries/six/__init__.py", "main.py"]


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What whoever deploys is warned of, as it comes."""
    warned = list[str]()
    monkeypatch.setattr(pulumi.log, "warn", warned.append)
    return warned


def test_a_package_without_bytecode_says_what_that_costs_and_what_to_do(tmp_path: Path, warned: list[str]) -> None:
    said = (
        "package functions has no bytecode, because there is no python3.99 on the PATH: each cold start compiles every "
        "module anew, and takes from one and a half times to over twice as long. Put a python3.99 that starts on the "
        "PATH, and deploy again"
    )
    PACKAGE.built(tmp_path)
    assert warned == [said]
    PACKAGE.built(tmp_path)  # it was built before, and costs as much
    assert warned == [said, said]


def test_a_package_with_bytecode_warns_of_nothing(tmp_path: Path, warned: list[str]) -> None:
    version = ".".join(platform.python_version_tuple()[:2])
    compiled = replace(PACKAGE, layout=replace(LAYOUT, platform=replace(LAYOUT.platform, python=version)))
    assert [name for name in names(compiled.built(tmp_path)) if name.endswith(".pyc")] != []
    assert warned == []


def test_a_package_that_was_built_is_not_built_again(tmp_path: Path) -> None:
    PACKAGE.built(tmp_path).write_bytes(b"kept")
    assert PACKAGE.built(tmp_path).read_bytes() == b"kept"


def test_a_package_that_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        raise PackageError(f"{path.name} is too large")

    with pytest.raises(PackageError, match=r"functions.zip is too large"):
        PACKAGE.built(tmp_path, check=refuse)
    assert list(tmp_path.iterdir()) == []
