"""The route table as API Gateway needs it: one operation for each method that a path takes, preflights among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from functions.api.routes import ROUTES, Route


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A route under its own method, the HEAD that comes with a GET, or a path's OPTIONS, for which any route stands."""

    method: str
    route: Route

    @property
    def id(self) -> str:
        """`list_orders`, `list_orders_head`: told apart over the whole document."""
        ending = "" if self.method == self.route.method else f"_{self.method.lower()}"
        return f"{self.route.handler}{ending}"

    @property
    def scope(self) -> str | None:
        """A browser sends no token with a preflight."""
        return None if self.method == "OPTIONS" else self.route.scope


def operations() -> Iterator[Operation]:
    preflighted = set[str]()
    for route in ROUTES:
        yield Operation(method=route.method, route=route)
        if route.method == "GET":
            yield Operation(method="HEAD", route=route)
        if route.path not in preflighted:
            preflighted.add(route.path)
            yield Operation(method="OPTIONS", route=route)
