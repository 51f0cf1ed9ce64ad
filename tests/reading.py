"""What a graph says, in words that are the same for every target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from tests.graph import Graph


@dataclass(frozen=True, kw_only=True)
class Redelivery:
    """After so many seconds a message comes again, and so many deliveries move it to the dead letters."""

    seconds: float
    deliveries: int


@dataclass(frozen=True, kw_only=True)
class Deliveries:
    function: str
    at_once: int


@dataclass(frozen=True, kw_only=True)
class Route:
    """What a rule or a subscription copies, and where to; `above` is a total."""

    to: str
    event_types: frozenset[str] = frozenset()
    above: int | None = None


class Reading(Protocol):
    @property
    def operators(self) -> str:
        """What delivers notifications to the operators, as a route's end."""
        ...

    def redelivery(self, graph: Graph, queue: str) -> Redelivery: ...

    def deliveries(self, graph: Graph, queue: str) -> Deliveries: ...

    def rules(self, graph: Graph) -> Mapping[str, Route]: ...

    def subscriptions(self, graph: Graph) -> frozenset[Route]: ...

    def change_feed(self, graph: Graph) -> str:
        """The function that the change feed calls."""
        ...

    def variables(self, graph: Graph, function: str) -> Mapping[str, str]: ...

    def timeout_seconds(self, graph: Graph, function: str) -> float: ...

    def grants(self, graph: Graph, function: str) -> frozenset[str]:
        """As in `send queue/fulfilment`."""
        ...

    def performers(self, graph: Graph) -> Mapping[str, str]:
        """Which function performs each of the saga's tasks."""
        ...

    def schedule(self, graph: Graph) -> tuple[str, str, str]:
        """Cron expression, time zone and the function called."""
        ...

    def protected(self, graph: Graph) -> frozenset[str]:
        """What cannot be deleted."""
        ...

    def secret_values(self, graph: Graph) -> Mapping[str, str]: ...

    def alarms(self, graph: Graph) -> frozenset[tuple[str, str]]:
        """What is watched of which resource."""
        ...

    def believed(self, graph: Graph) -> tuple[str, str]:
        """Issuer and audience of the tokens that callers have to show."""
        ...

    def webhook(self, graph: Graph) -> str | None:
        """Where notifications are posted."""
        ...

    def throttle(self, graph: Graph) -> tuple[float, int] | None:
        """Requests a second, and at once; None where nobody is limited."""
        ...
