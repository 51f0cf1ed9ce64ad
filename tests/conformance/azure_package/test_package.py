"""The package as it is deployed: small, the same bytes again, and with nothing that another machine would need."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePath

import pytest

from components.azure._package import FLEX, LIBRARIES, package
from components.packing import ROOT
from components.wheels import compiler_for

MAX_BYTES = 25_000_000
SECRET = re.compile(rb"AccountKey=|SharedAccessKey=|-----BEGIN [A-Z ]*PRIVATE KEY-----\n|://[^/\s:]+:[^/\s@]+@")


@pytest.fixture(scope="module")
def entries() -> dict[str, bytes]:
    with zipfile.ZipFile(package()) as archive:
        return {entry: archive.read(entry) for entry in archive.namelist()}


def test_every_library_is_for_azures_machine(entries: dict[str, bytes]) -> None:
    libraries = {entry: content for entry, content in entries.items() if ".so" in entry}
    assert libraries
    assert {content[18] for content in libraries.values()} == {62}
    assert all(entry.endswith(FLEX.library_names) for entry in libraries)


def test_the_package_has_no_test_no_secret_and_nothing_of_another_target(entries: dict[str, bytes]) -> None:
    ours = [entry for entry in entries if entry.startswith(("functions/", "components/"))]
    assert not [entry for entry in entries if re.search(r"(^|/)(tests?/|conftest\.py)", entry)]
    assert not [entry for entry in ours if re.search(r"local|gcp|aws|\.sql", entry)]
    assert not [entry for entry in ours if SECRET.search(entries[entry])]
    assert not [entry for entry, content in entries.items() if str(ROOT).encode() in content]


def test_what_is_only_for_deploying_and_the_worker_itself_stay_out(entries: dict[str, bytes]) -> None:
    libraries = {PurePath(entry).relative_to(LIBRARIES).parts[0] for entry in entries if entry.startswith(LIBRARIES)}
    assert {"azure", "msgspec", "urllib3"} <= libraries
    assert libraries.isdisjoint({"pulumi", "pydantic", "azure_functions_worker", "azure_functions_runtime", "grpc"})


def test_every_module_is_there_as_bytecode_of_the_platforms_python_and_of_no_other(entries: dict[str, bytes]) -> None:
    if compiler_for(FLEX) is None:
        pytest.skip(f"there is no Python {FLEX.python} on this machine to compile with")
    modules = {PurePath(entry) for entry in entries if entry.endswith(".py")}
    bytecode = {PurePath(entry) for entry in entries if entry.endswith(".pyc")}
    assert modules
    assert bytecode == {module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc" for module in modules}


def test_the_same_sources_make_the_same_bytes(tmp_path: Path) -> None:
    """Installed and compiled anew, in another folder."""
    again = package(kept=tmp_path / "again")
    assert (again.name, again.read_bytes()) == (package().name, package().read_bytes())


def test_the_package_is_small(entries: dict[str, bytes], record_property: Callable[[str, object], None]) -> None:
    size = package().stat().st_size
    record_property("package", size)
    print(f"package: {size:,} bytes, {sum(map(len, entries.values())):,} unzipped")
    assert size <= MAX_BYTES
