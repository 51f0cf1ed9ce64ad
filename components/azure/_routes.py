"""The route table as API Management needs it: one operation for each method that a path takes, preflights aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from functions.api.routes import ROUTES, Route


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A route under its own method, or the HEAD that comes with a GET."""

    method: str
    route: Route

    @property
    def id(self) -> str:
        """`list-orders`, `list-orders-head`: told apart in the whole API."""
        ending = "" if self.method == self.route.method else f"-{self.method.lower()}"
        return f"{self.route.handler.replace('_', '-')}{ending}"

    @property
    def in_path(self) -> Mapping[str, str]:
        """The names in the path, each with its type."""
        return {
            parameter.name: str(parameter.schema["type"])
            for parameter in self.route.parameters
            if parameter.where == "path"
        }


def operations() -> Iterator[Operation]:
    for route in ROUTES:
        yield Operation(method=route.method, route=route)
        if route.method == "GET":
            yield Operation(method="HEAD", route=route)
