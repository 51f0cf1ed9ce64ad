"""The route table as a gateway needs it: one operation for each method that a path takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from functions.api.routes import ROUTES, Route


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A route under its own method, or the HEAD that comes with a GET."""

    method: str
    route: Route

    @property
    def name(self) -> str:
        """`list-orders`, `list-orders-head`."""
        ending = "" if self.method == self.route.method else f"-{self.method.lower()}"
        return f"{self.route.handler.replace('_', '-')}{ending}"


def operations() -> Iterator[Operation]:
    for route in ROUTES:
        yield Operation(method=route.method, route=route)
        if route.method == "GET":
            yield Operation(method="HEAD", route=route)


def methods_of(path: str) -> tuple[str, ...]:
    return tuple(sorted(found.method for found in operations() if found.route.path == path))


METHODS = tuple(sorted({found.method for found in operations()}))
"""Every method that some path takes."""
PATHS = tuple(dict.fromkeys(route.path for route in ROUTES))
