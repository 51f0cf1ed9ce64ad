"""What is started on Google Cloud: each handler from the source archive, built as Google builds it, the bare client of
Firestore, and the same API as it is mostly written.

A start is over when the first client is made and, for an API, when GET /health is answered: by the handler itself, or
with all that stands around it on Cloud Run, functions-framework and gunicorn. Libraries are compiled as the buildpack
compiles them, by hashes that nothing checks (GoogleCloudPlatform/buildpacks, pkg/python). Clients get credentials that
are never used: with Google's own, each would ask the instance for an account first.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cold_start.handlers import PORTS
from benchmarks.cold_start.installing import rivals
from benchmarks.cold_start.measuring import Case, Target
from components.gcp._package import BUILD_VARIABLES, REQUIREMENTS, package
from components.packing import ROOT
from components.wheels import Compiler, Platform, compile_in, install
from functions.entrypoints.gcp.handlers import MODULES

PYTHON = "3.13"
HERE = Platform(machine=platform.machine(), python=PYTHON)
BARE, SDK, API = "bare Python", "Firestore client", "api"
FIRESTORE_CLIENT = "from google.cloud.firestore import Client\nClient(project='shop', database='orders')\n"

ENVIRONMENT: Mapping[str, str] = {
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",  # made, its client asks nobody for credentials; nothing is called
    "GOOGLE_CLOUD_PROJECT": "shop",
    "K_SERVICE": "orders",
    "THREADS": "8",
    "ORDERLY_BUCKET": "archive",
    "ORDERLY_CURRENCIES": "EUR",
    "ORDERLY_DATABASE": "orders",
    "ORDERLY_EVENT_BUS": "projects/shop/topics/orders",
    "ORDERLY_EXPIRE_AFTER_HOURS": "48",
    "ORDERLY_HIGH_VALUE_MINOR": "100000",
    "ORDERLY_IDEMPOTENCY_HOURS": "24",
    "ORDERLY_MAX_TOTAL_MINOR": "1000000",
    "ORDERLY_PROJECT": "shop",
    "ORDERLY_SANDBOX_STOCK": "100",
    "ORDERLY_WORKFLOW": "projects/shop/locations/europe-west1/workflows/order",
}
HEALTH = """
import flask
with flask.Flask("orders").test_request_context("/health"):
    answer = handler(flask.request)
assert answer.status_code == 200, answer
"""
SERVE = """
from functions_framework._cli import _cli
_cli(["--target", "api", "--source", {source!r}, "--host", "127.0.0.1"])
"""
LAYERS_MOMENT = 315532801
"""1980-01-01T00:00:01Z (buildpacks/lifecycle, archive/writer.go)."""
NEVER_USED: Mapping[str, str] = {
    "type": "authorized_user",
    "client_id": "none",
    "client_secret": "none",
    "refresh_token": "none",
}


@contextmanager
def cases(scratch: Path, compiler: Compiler) -> Iterator[Mapping[str, Case]]:
    libraries, ours = _libraries(scratch, compiler), built(unpacked(scratch), compiler)
    theirs, variables = rivals(scratch, HERE, compiler), environment(scratch)
    written = "a handler on Flask and pydantic"
    yield {
        BARE: Case(script="", variables=variables),
        SDK: Case(script=FIRESTORE_CLIENT, paths=[libraries], variables=variables),
        **{handler: case_of(handler, variables, ours, libraries) for handler in MODULES},
        written: Case(
            script=f"from on_flask import api as handler\n{HEALTH}", paths=[libraries, theirs], variables=variables
        ),
        f"{API}, served by gunicorn": served(ours / "main.py", variables, ours, libraries),
        f"{written}, served": served(theirs / "on_flask.py", variables, libraries, theirs),
    }


def case_of(handler: str, variables: Mapping[str, str], *paths: Path) -> Case:
    start = f"from main import {handler} as handler\n"
    if handler in PORTS:
        start += f"from functions.entrypoints.gcp.application import ports\nports().{PORTS[handler]}\n"
    return Case(script=start + HEALTH if handler == API else start, paths=paths, variables=variables)


def served(source: Path, variables: Mapping[str, str], *paths: Path) -> Case:
    """The function `api` of a file, by functions-framework under gunicorn."""
    return Case(script=SERVE.format(source=str(source)), paths=paths, variables=variables, serves="/health")


def environment(home: Path) -> Mapping[str, str]:
    """The functions' variables; `home` gets the credentials, and gunicorn keeps a socket there."""
    credentials = home / "credentials.json"
    credentials.write_text(json.dumps(NEVER_USED), encoding="utf-8")
    return {**ENVIRONMENT, "GOOGLE_APPLICATION_CREDENTIALS": str(credentials), "HOME": str(home)}


def unpacked(scratch: Path) -> Path:
    with zipfile.ZipFile(package()) as archive:
        archive.extractall(scratch / "ours")
    return scratch / "ours"


def built(folder: Path, compiler: Compiler) -> Path:
    """As an image has it: compiled by the buildpack, and every file of the moment that the image's layers give it."""
    command = [compiler.executable, "-m", "compileall", "-f", "-q", str(folder)]
    subprocess.run(command, env=dict(BUILD_VARIABLES), check=True)
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (LAYERS_MOMENT, LAYERS_MOMENT))
    return folder


def _libraries(scratch: Path, compiler: Compiler) -> Path:
    folder = scratch / "libraries"
    install((ROOT / REQUIREMENTS).read_text(encoding="utf-8"), folder, HERE)
    compile_in(folder, compiler, runs_in=str(folder))
    return folder


TARGET = Target(
    name="gcp",
    python=PYTHON,
    sdk=SDK,
    compared=API,
    cases=cases,
    package_bytes=lambda: {"source": package().stat().st_size},
)
