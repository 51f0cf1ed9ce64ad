"""schemathesis over the system's own `/openapi.json`: what the document allows, what it does not, and orders in a row.

`HOSTILE` is how many requests it makes up for each operation, beside those that go through every value's bounds; where
it is set they are drawn anew, else they are always the same.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.local_system import ROOT, Running

PYTHON = ROOT / ".engines" / "schemathesis" / "bin" / "python"
IS_LONG = "HOSTILE" in os.environ
MADE_UP = os.environ.get("HOSTILE", "10")
RUN_SECONDS = 3600 if IS_LONG else 400
ALWAYS_THE_SAME = [] if IS_LONG else ["--generation-deterministic"]
BESIDES_ITS_OWN = 5
"""The operations that schemathesis tries: it leaves out the document's."""
SCOPES = {"with-all": "orders:read orders:write", "reading-only": "orders:read", "without-a-token": ""}


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_the_api_does_what_its_document_says(system: Running, tmp_path: Path, scope: str) -> None:
    report, printed = schemathesis(system, tmp_path, scope)
    assert (report["exit_code"], report["failures"], report["errors"]) == (0, [], []), printed
    assert report["operations"]["tested"] == BESIDES_ITS_OWN
    for operation in ("POST /orders", "GET /orders/{order_id}", "GET /orders"):
        assert is_accepted(report, operation) is allows(scope, operation), printed
    assert all(loop["restarts"] == 0 for loop in system.health()["loops"].values())


def is_accepted(report: dict[str, Any], operation: str) -> bool:
    """Or all would be shown of refusals alone."""
    return any(phase["accepted"] for phase in report["valid_rates"].get(operation, {}).values())


def allows(scope: str, operation: str) -> bool:
    wanted = "orders:write" if operation == "POST /orders" else "orders:read"
    # Who may place none has no order to show.
    return wanted in scope and (operation != "GET /orders/{order_id}" or "orders:write" in scope)


def schemathesis(system: Running, folder: Path, scope: str) -> tuple[dict[str, Any], str]:
    """Its report and what it printed. It makes every check that it has, and two of ours."""
    token = ["--header", f"Authorization: Bearer {system.token(scope=scope)}"] if scope else []
    command = [str(PYTHON), "-m", "schemathesis.cli", "run", f"{system.url}/openapi.json", *token, "--no-color"]
    command += ["--checks", "all", "--max-examples", MADE_UP, "--report", "json", "--report-json-path", "report.json"]
    variables = {"SCHEMATHESIS_HOOKS": "tests.hostile.document_checks", "ALLOWED_SCOPE": scope, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, *ALWAYS_THE_SAME],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    printed = done.stdout + done.stderr
    if IS_LONG:
        print(printed)
    assert (folder / "report.json").exists(), printed
    found: dict[str, Any] = json.loads((folder / "report.json").read_bytes())
    return found, printed
