"""The source archive as it is deployed: every handler in an interpreter with what the archive pins and nothing else.

What it pins is installed for this machine to run here, and once more for Google's, to see that it could be.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from components.gcp._package import package
from components.packing import ROOT
from functions.entrypoints.gcp.handlers import MODULES

HERE = (f"{platform.machine()}-manylinux_2_28", f"{sys.version_info.major}.{sys.version_info.minor}")
GOOGLES = ("x86_64-manylinux_2_28", "3.13")
MAX_BYTES = 1_000_000
SECRET = re.compile(rb"AIza[0-9A-Za-z_-]{35}|-----BEGIN [A-Z ]*PRIVATE KEY-----\n|://[^/\s:]+:[^/\s@]+@")


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    with zipfile.ZipFile(package()) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def installed(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the buildpack installs, for this machine."""
    folder = tmp_path_factory.mktemp("installed")
    install(unpacked / "requirements.txt", folder, *HERE)
    return folder


def install(requirements: Path, folder: Path, machine: str, python: str) -> None:
    """As the buildpack does: with the hash of each, because they are there. Wheels alone: it need not compile."""
    finished = subprocess.run(
        [
            *(Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--target", folder),
            *("--python", sys.executable, "--python-platform", machine, "--python-version", python),
            *("--only-binary", ":all:", "--require-hashes", "--no-deps", "--requirement", requirements),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr


def run(script: str, *paths: Path, **environment: str) -> str:
    """In an interpreter that sees the paths and its standard library, and nothing that is installed for it."""
    finished = subprocess.run(
        [
            *(sys.executable, "-I", "-S", "-W", "error", "-W", "ignore::DeprecationWarning", "-c"),
            f"import sys; sys.path[:0] = {list(map(str, paths))}\n{script}",
        ],
        cwd=paths[0],
        env={"K_SERVICE": "orders-api", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("handler", MODULES)
def test_a_handler_is_found_in_the_archive(handler: str, unpacked: Path, installed: Path) -> None:
    script = f"import main\nprint(callable(main.{handler}))\nprint(main.__file__)\nprint(*sys.path)"
    is_callable, file, path = run(script, unpacked, installed).splitlines()
    assert is_callable == "True"
    assert Path(file) == unpacked / "main.py"
    assert "site-packages" not in path


SERVED = """
import json
from functions_framework import create_app
reply = create_app(target="api", source="main.py", signature_type="http").test_client().get("/openapi.json")
print(json.dumps({"status": reply.status_code, "reply": reply.get_json()}))
"""


def test_the_packed_api_answers_under_functions_framework(unpacked: Path, installed: Path) -> None:
    variables = {
        "ORDERLY_PROJECT": "my-shop",
        "ORDERLY_DATABASE": "orders",
        "ORDERLY_IDEMPOTENCY_HOURS": "24",
        # The document needs no database; but the client would look for credentials, and wait for a metadata server.
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
    }
    written = [json.loads(line) for line in run(SERVED, unpacked, installed, **variables).splitlines()]
    (reply,) = [line for line in written if "reply" in line]
    assert reply["status"] == 200
    assert "/orders/{order_id}" in reply["reply"]["paths"]


def test_what_only_some_paths_need_is_packed_too(unpacked: Path, installed: Path) -> None:
    lazy = (
        "functions.adapters.gcp.workflow",
        "functions.adapters.http.keys",
        "functions.adapters.http.payments",
        "functions.adapters.http.webhook",
        "functions.adapters.sandbox.payments",
        "functions.api.openapi",
        "google.events.cloud.firestore_v1",
        "jwt.algorithms",
        "pybreaker",
        "urllib3",
    )
    script = "\n".join(f"import {module}" for module in lazy)
    run(f"{script}\nassert jwt.algorithms.has_crypto", unpacked, installed)


def test_all_that_is_pinned_is_to_be_had_for_googles_machine(unpacked: Path, tmp_path: Path) -> None:
    """The buildpack's pip would else compile, with what it takes from an index without any hash."""
    install(unpacked / "requirements.txt", tmp_path, *GOOGLES)
    libraries = [path for path in tmp_path.rglob("*.so") if "cpython" in path.name]
    assert libraries
    assert all(path.name.endswith(".cpython-313-x86_64-linux-gnu.so") for path in libraries)


def test_every_pin_has_its_hash(unpacked: Path) -> None:
    """pip asks for all of them as soon as one is there."""
    locked = (unpacked / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z])", locked)
    assert len(blocks) > 20
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_same_sources_make_the_same_bytes(tmp_path: Path) -> None:
    again = package(kept=tmp_path)
    assert (again.name, again.read_bytes()) == (package().name, package().read_bytes())


def test_the_archive_is_small_and_has_no_test_no_secret_and_nothing_of_another_target() -> None:
    with zipfile.ZipFile(package()) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    assert sum(map(len, entries.values())) <= MAX_BYTES
    assert not [entry for entry in entries if re.search(r"(^|/)(tests?/|test_\w+\.py|conftest\.py)|\.pyc", entry)]
    assert not [entry for entry in entries if re.search(r"local|azure|aws|\.sql", entry)]
    assert not [entry for entry, content in entries.items() if SECRET.search(content)]
    assert not [entry for entry, content in entries.items() if str(ROOT).encode() in content]
