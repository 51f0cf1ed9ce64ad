"""What a graph says, in words that are the same for every target: each target that exists adds its own reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from components.targets import TargetName
from tests.graph import Graph, Resource


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

    def throttle(self, graph: Graph) -> tuple[float, int]:
        """Requests a second, and at once."""
        ...


class LocalReading:
    def redelivery(self, graph: Graph, queue: str) -> Redelivery:
        inputs = graph.one("Queue", queue).inputs
        return Redelivery(seconds=inputs["visibility_timeout_seconds"], deliveries=inputs["max_receive_count"])

    def deliveries(self, graph: Graph, queue: str) -> Deliveries:
        (consumer,) = (found.inputs for found in graph.of("Consumer").values() if found.inputs["queue"] == queue)
        return Deliveries(function=consumer["function"], at_once=consumer["max_concurrency"])

    def rules(self, graph: Graph) -> Mapping[str, Route]:
        return {name: self._rule(rule) for name, rule in graph.of("Rule").items()}

    def subscriptions(self, graph: Graph) -> frozenset[Route]:
        return frozenset(
            Route(to=found.inputs["queue"], event_types=frozenset(found.inputs["filter"].get("event_type", ())))
            for found in graph.of("Subscription").values()
        )

    def change_feed(self, graph: Graph) -> str:
        (feed,) = graph.of("Feed").values()
        return str(feed.inputs["function"])

    def variables(self, graph: Graph, function: str) -> Mapping[str, str]:
        return dict(graph.one("Function", function).inputs["environment"])

    def timeout_seconds(self, graph: Graph, function: str) -> float:
        return float(graph.one("Function", function).inputs["timeout_seconds"])

    def grants(self, graph: Graph, function: str) -> frozenset[str]:
        grants: Sequence[Mapping[str, str]] = graph.one("Function", function).inputs["grants"]
        return frozenset(f"{grant['verb']} {grant['resource']}" for grant in grants)

    def performers(self, graph: Graph) -> Mapping[str, str]:
        (workflow,) = graph.of("Workflow").values()
        return dict(workflow.inputs["tasks"])

    def schedule(self, graph: Graph) -> tuple[str, str, str]:
        (schedule,) = (found.inputs for found in graph.of("Schedule").values())
        return schedule["cron"], schedule["timezone"], schedule["function"]

    def protected(self, graph: Graph) -> frozenset[str]:
        return frozenset(f"{found.kind.lower()}/{found.name}" for found in graph if found.protect)

    def secret_values(self, graph: Graph) -> Mapping[str, str]:
        return {name: str(found.inputs["value"]) for name, found in graph.of("Secret").items()}

    def alarms(self, graph: Graph) -> frozenset[tuple[str, str]]:
        return frozenset((found.inputs["metric"], found.inputs["resource"]) for found in graph.of("Alarm").values())

    def throttle(self, graph: Graph) -> tuple[float, int]:
        (api,) = (found.inputs for found in graph.of("Api").values())
        return api["rate_per_second"], api["burst"]

    @staticmethod
    def _rule(rule: Resource) -> Route:
        (target,), pattern = rule.inputs["targets"], rule.inputs["pattern"]
        above: Any = [condition["numeric"] for condition in pattern.get("total_minor", ())]
        assert all(comparison == ">" for comparison, _ in above)
        return Route(
            to=target,
            event_types=frozenset(pattern.get("event_type", ())),
            above=above[0][1] if above else None,
        )


READINGS: dict[TargetName, Reading] = {"local": LocalReading()}
