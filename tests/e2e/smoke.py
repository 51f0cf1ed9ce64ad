"""`make smoke STACK=prod`: every scenario on a stack that is deployed, with a token of yours.

ORDERLY_E2E_TOKEN is needed; ORDERLY_E2E_OTHER_TOKEN (another tenant's) and ORDERLY_E2E_ORIGIN (one of
`api.cors_origins`) show more. The stack has to use the sandbox: the scenarios order things, and pay for them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SCENARIOS = Path(__file__).with_name("scenarios.py")
COGNITO = "cognito-idp."
GATEWAYS: Mapping[str, tuple[str, str]] = {
    "gcp": (".gateway.dev", "api-gateway"),
    "azure": (".azure-api.net", "api-management"),
}
"""By target, what the address of a gateway of the cloud's own ends in, and what tests/e2e/api.py calls it."""


def main(arguments: list[str]) -> int:
    (stack,) = arguments
    if "orderly:payments" in _told(stack, "config"):
        print(f"smoke: stack {stack} has payments, so its orders would be paid for; use one without.", file=sys.stderr)
        return 2
    outputs = _told(stack, "stack", "output")
    if not os.environ.get("ORDERLY_E2E_TOKEN"):
        print(f"smoke: ORDERLY_E2E_TOKEN is not set. {how_to_get_a_token(outputs)}", file=sys.stderr)
        return 2
    return subprocess.run(
        [sys.executable, "-m", "pytest", str(SCENARIOS)], env={**os.environ, **environment(outputs)}, check=False
    ).returncode


def environment(outputs: Mapping[str, str]) -> dict[str, str]:
    """What tests/e2e/conftest.py reads."""
    gateway = gateway_at(outputs["api_url"], outputs["target"])
    return {"ORDERLY_E2E_URL": outputs["api_url"], **({"ORDERLY_E2E_GATEWAY": gateway} if gateway else {})}


def gateway_at(url: str, target: str) -> str | None:
    """Of AWS's, only the address of a REST API has the name of its stage in it; others have a domain of their own.

    None where the function itself verifies tokens.
    """
    if target == "aws":
        return "rest-api" if urlsplit(url).path.strip("/") else "http-api"
    domain, gateway = GATEWAYS.get(target, ("", ""))
    return gateway if domain and (urlsplit(url).hostname or "").endswith(domain) else None


def how_to_get_a_token(outputs: Mapping[str, str]) -> str:
    """One sentence or two, for the issuer that the stack trusts."""
    issuer, audience = outputs["token_issuer"], outputs["token_audience"]
    if COGNITO in issuer:
        return (
            f"Make a user in the pool {issuer.rpartition('/')[2]} with the attribute custom:tenant (aws cognito-idp "
            f"admin-create-user), sign in as the application {audience} with a code and PKCE for the scopes "
            "orderly/orders:read and orderly/orders:write, and set it to the access token."
        )
    return (
        f"Set it to an access token of {issuer} for the audience {audience}, with the scopes orders:read and "
        "orders:write and a claim `tenant`."
    )


def _told(stack: str, *question: str) -> Mapping[str, Any]:
    told = subprocess.run(
        ["pulumi", "--non-interactive", "--stack", stack, *question, "--json"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: Mapping[str, Any] = json.loads(told.stdout)
    return found


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
