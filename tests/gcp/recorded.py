"""The provider of Google Cloud in a recorded graph: what it would refuse, and what it adds to a resource's inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.gcp import outputs, shapes
from tests.registration import Registration


def problems(asked: Registration) -> Iterator[str]:
    yield from map(str, shapes.problems(asked.type, asked.inputs))


def computed(asked: Registration) -> tuple[str, Mapping[str, Any]]:
    return outputs.computed(asked.type, asked.name, asked.inputs, place(asked.provider))


def invoked(token: str, arguments: Mapping[str, Any], provider: Mapping[str, Any]) -> Mapping[str, Any]:
    return outputs.invoked(token, arguments, place(provider))


def place(provider: Mapping[str, Any]) -> outputs.Place:
    return outputs.Place(
        project=provider.get("project", outputs.PROJECT), region=provider.get("region", outputs.REGION)
    )
