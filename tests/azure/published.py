"""Our provider of packages in a recorded graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.registration import Registration

INPUTS = {"app", "address", "package", "digest", "tenant"}


def problems(asked: Registration) -> Iterator[str]:
    for name in sorted(INPUTS ^ asked.inputs.keys()):
        yield f"{name} is {'missing' if name in INPUTS else 'no argument of this type'}"


def computed(asked: Registration) -> tuple[str, Mapping[str, Any]]:
    return str(asked.inputs["app"]), {"deployment": asked.inputs["digest"][:12]}


def invoked(token: str, arguments: Mapping[str, Any], provider: Mapping[str, Any]) -> Mapping[str, Any]:
    raise AssertionError(f"the program asks our own provider for {token}")
