"""One registration, as the module that speaks for its provider sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

PROVIDERS = {
    "local": "tests.local_resources",
    "aws": "tests.aws.recorded",
    "gcp": "tests.gcp.recorded",
    "azure-native": "tests.azure.recorded",
    "azurepublisher": "tests.azure.published",
}
"""By the first word of a type token, who speaks for its provider; imported only when asked."""
CLOUDS = ("aws", "gcp", "azure-native")


@dataclass(frozen=True, kw_only=True)
class Registration:
    type: str
    name: str
    inputs: Mapping[str, Any]
    provider: Mapping[str, Any]
    """The inputs of the explicit provider, or nothing."""

    @property
    def kind(self) -> str:
        return kind_of(self.type)


class Speaker(Protocol):
    """What a module of PROVIDERS has."""

    def problems(self, asked: Registration) -> Iterator[str]:
        """One line for each reason to refuse the inputs."""
        ...

    def computed(self, asked: Registration) -> tuple[str, Mapping[str, Any]]:
        """The resource's identifier, and what is added to its inputs."""
        ...

    def invoked(self, token: str, arguments: Mapping[str, Any], provider: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to a question that a program asks the provider."""
        ...


def speaker(token: str) -> Speaker | None:
    """None for a component, and for a provider itself."""
    module = PROVIDERS.get(token.partition(":")[0])
    return cast(Speaker, import_module(module)) if module else None


def kind_of(type_token: str) -> str:
    """`Queue` for local:index:Queue, `sqs.Queue` for aws:sqs/queue:Queue."""
    package, module, name = type_token.split(":")
    return f"{module.partition('/')[0]}.{name}" if package in CLOUDS else name
