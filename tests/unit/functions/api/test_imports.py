"""A function starts cold on somebody's request: what it does not need then, it does not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
HEAVY = ("jwt", "urllib3", "cryptography", "pybreaker", "pydantic", "pulumi", "asyncio", "email", "http.client", "ssl")


def loaded(statements: str) -> set[str]:
    """The modules of a new interpreter after the statements."""
    script = f"{statements}\nimport sys\nprint('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import functions.api.dispatch, functions.codec",
        "import functions.api.openapi",
        "import functions.logs",
        "import functions.adapters.http.payments, functions.adapters.http.webhook, functions.adapters.http.keys",
        "from functions.adapters.http.payments import HttpPaymentGateway as G; G('https://pay.example', 'key', None)",
        "from functions.api.dispatch import *; from functions.api.messages import Request\n"
        "none = lambda *_: None\n"
        "services = ApiServices(place=none, order=none, page=none, cancel=none)\n"
        "assert dispatch(Request(method='GET', path='/health'), services).status == 200",
    ],
)
def test_no_heavy_module_is_loaded(statement: str) -> None:
    assert loaded(statement) & set(HEAVY) == set()
