"""The provider `local` in a recorded graph: what it refuses, and what it adds to a resource's inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from local_runtime.declarations import KINDS
from tests.registration import Registration

BESIDES_DECLARATIONS = {
    "Secret": {"name", "home", "value"},
    "Issuer": {"name", "home"},
    "RunTime": {"name", "home", "port", "log_level", "declarations", "code"},
}
"""The local provider's resources that are no declaration, and their inputs."""


def problems(asked: Registration) -> Iterator[str]:
    home = asked.inputs.get("home")
    if not isinstance(home, str) or not Path(home).is_absolute():
        yield f"home is {home}; the run time starts elsewhere, so it has to be an absolute path"
    if asked.kind in BESIDES_DECLARATIONS:
        if set(asked.inputs) != BESIDES_DECLARATIONS[asked.kind]:
            yield f"inputs are {sorted(asked.inputs)}"
        return
    try:
        msgspec.convert({field: value for field, value in asked.inputs.items() if field != "home"}, KINDS[asked.kind])
    except msgspec.ValidationError as error:
        yield str(error)


def computed(asked: Registration) -> tuple[str, Mapping[str, Any]]:
    extra = {
        "RunTime": {"url": "http://127.0.0.1:8080"},
        "Issuer": {
            "issuer": "http://127.0.0.1/issuer",
            "audience": "orderly",
            "jwks_path": f"{asked.inputs.get('home')}/issuer/jwks.json",
        },
    }
    digest = f"digest-of-{asked.kind}-{asked.name}"
    return f"{asked.name}-id", {"digest": digest, **extra.get(asked.kind, {})}


def invoked(token: str, arguments: Mapping[str, Any], provider: Mapping[str, Any]) -> Mapping[str, Any]:
    raise AssertionError(f"the program asks a provider for {token}")
