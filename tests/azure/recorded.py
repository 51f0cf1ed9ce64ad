"""The provider of Azure in a recorded graph: what it would refuse, and what it adds to a resource's inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.azure import outputs, shapes
from tests.registration import Registration


def problems(asked: Registration) -> Iterator[str]:
    yield from map(str, shapes.problems(asked.type, asked.inputs))


def computed(asked: Registration) -> tuple[str, Mapping[str, Any]]:
    subscription = asked.provider.get("subscriptionId", outputs.SUBSCRIPTION)
    return outputs.computed(asked.type, asked.name, asked.inputs, subscription)


def invoked(token: str, arguments: Mapping[str, Any], provider: Mapping[str, Any]) -> Mapping[str, Any]:
    raise AssertionError(f"the program asks the provider of Azure for {token}")
