"""The packages as they are deployed: their bytes, and every handler in an interpreter with nothing else but botocore.

They are built for Lambda, and once more for this machine to run here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path, PurePath

import pytest

from components.aws._package import LAMBDA, REQUIREMENTS, package
from components.aws.function import ENTRY_POINTS, PACKAGES
from components.packing import ROOT
from components.wheels import Platform, compiler_for
from functions.entrypoints.aws.handlers import MODULES
from tests.aws.this_machine import HERE

MAX_API_BYTES = 3_000_000
SECRET = re.compile(rb"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----\n|://[^/\s:]+:[^/\s@]+@")

each_package = pytest.mark.parametrize("name", REQUIREMENTS)


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Lambda's Python has of its own."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in ("botocore", "jmespath", "dateutil", "six"):
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        found = origin.parent if origin.name == "__init__.py" else origin
        (folder / found.name).symlink_to(found)
    return folder


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each package's contents, for this machine."""
    folders = {}
    for name in REQUIREMENTS:
        folders[name] = tmp_path_factory.mktemp(name)
        with zipfile.ZipFile(package(name, platform=HERE)) as archive:
            archive.extractall(folders[name])
    return folders


def run(script: str, *paths: Path, **environment: str) -> str:
    """In an interpreter that sees the paths and its standard library, and nothing that is installed for it."""
    finished = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-W",
            "error",
            "-c",
            f"import sys; sys.path[:0] = {list(map(str, paths))}\n{script}",
        ],
        env={"LAMBDA_TASK_ROOT": str(paths[0]), "AWS_LAMBDA_FUNCTION_NAME": "orders-api", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("handler", MODULES)
def test_a_handler_is_found_in_its_package(handler: str, unpacked: dict[str, Path], runtime: Path) -> None:
    folder = unpacked[PACKAGES.get(handler, "functions")]
    script = f"from {ENTRY_POINTS} import {handler}\nprint(callable({handler}))\nprint(*sys.path)"
    is_callable, path = run(script, folder, runtime).splitlines()
    assert is_callable == "True"
    assert "site-packages" not in path


CALL = """
import json
from functions.entrypoints.aws.handlers import api
class Context:
    function_name = "orders-api"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders-api:live"
    aws_request_id = "request-1"
event = {"version": "2.0", "rawPath": "/openapi.json", "requestContext": {"http": {"method": "GET"}}}
print(json.dumps({"reply": api(event, Context())}))
"""


def test_the_packed_api_answers(unpacked: dict[str, Path], runtime: Path) -> None:
    variables = {"ORDERLY_DATABASE": "orders", "ORDERLY_IDEMPOTENCY_HOURS": "24", "AWS_DEFAULT_REGION": "eu-west-1"}
    written = [json.loads(line) for line in run(CALL, unpacked["functions"], runtime, **variables).splitlines()]
    (reply,) = [line["reply"] for line in written if "reply" in line]
    assert reply["statusCode"] == 200
    assert "/orders/{order_id}" in json.loads(reply["body"])["paths"]
    assert "request answered" in [line.get("message") for line in written]


def test_what_only_some_paths_need_is_packed_too(unpacked: dict[str, Path], runtime: Path) -> None:
    lazy = (
        "functions.adapters.aws.workflow",
        "functions.adapters.aws.tenants",
        "functions.adapters.http.payments",
        "functions.adapters.http.webhook",
        "functions.adapters.sandbox.payments",
        "functions.api.openapi",
        "pybreaker",
        "urllib3",
    )
    run("\n".join(f"import {module}" for module in lazy), unpacked["functions"], runtime)
    run(
        "import jwt.algorithms, functions.adapters.http.keys\nassert jwt.algorithms.has_crypto",
        unpacked["authorizer"],
        runtime,
    )


@each_package
def test_the_same_sources_make_the_same_bytes(name: str, tmp_path: Path) -> None:
    """Installed and compiled anew, in another folder."""
    again = package(name, kept=tmp_path / "again")
    assert again.read_bytes() == package(name).read_bytes()


@each_package
def test_every_library_is_for_lambdas_machine(name: str) -> None:
    with zipfile.ZipFile(package(name)) as archive:
        libraries = [entry for entry in archive.namelist() if ".so" in entry]
        machines = {archive.read(entry)[18] for entry in libraries}
    assert libraries
    assert machines == {183}
    assert all(entry.endswith(LAMBDA.library_names) for entry in libraries)


@each_package
def test_no_package_has_a_test_a_secret_or_anything_of_another_target(name: str) -> None:
    with zipfile.ZipFile(package(name)) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    ours = [entry for entry in entries if entry.startswith(("functions/", "components/"))]
    assert not [entry for entry in entries if re.search(r"(^|/)(tests?/|test_\w+\.py|conftest\.py)", entry)]
    assert not [entry for entry in ours if re.search(r"local|azure|gcp|\.sql", entry)]
    assert not [entry for entry in entries if entry.split("/")[0] in ("botocore", "boto3", "pulumi", "pydantic")]
    assert not [entry for entry in ours if SECRET.search(entries[entry])]
    assert not [entry for entry, content in entries.items() if str(ROOT).encode() in content]


@each_package
@pytest.mark.parametrize("platform", [LAMBDA, HERE], ids=["lambda", "here"])
def test_every_module_is_there_as_bytecode_of_the_python_that_runs_it_and_of_no_other(
    name: str, platform: Platform
) -> None:
    if compiler_for(platform) is None:
        pytest.skip(f"there is no Python {platform.python} on this machine to compile with")
    with zipfile.ZipFile(package(name, platform=platform)) as archive:
        entries = archive.namelist()
    written_for = f"cpython-{platform.python.replace('.', '')}"
    modules = {PurePath(entry) for entry in entries if entry.endswith(".py")}
    bytecode = {PurePath(entry) for entry in entries if entry.endswith(".pyc")}
    assert modules
    assert bytecode == {module.parent / "__pycache__" / f"{module.stem}.{written_for}.pyc" for module in modules}


def test_the_apis_package_is_small(record_property: Callable[[str, object], None]) -> None:
    sizes = {name: package(name).stat().st_size for name in REQUIREMENTS}
    for name, size in sizes.items():
        record_property(name, size)
        print(f"{name}: {size:,} bytes")
    assert sizes["functions"] <= MAX_API_BYTES
