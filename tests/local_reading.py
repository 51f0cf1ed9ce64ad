"""What a graph of the local target says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.graph import Graph, Resource
from tests.reading import Deliveries, Redelivery, Route


class LocalReading:
    operators = "queue/ops-notification"

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

    def believed(self, graph: Graph) -> tuple[str, str]:
        variables = self.variables(graph, "api")
        return variables["ORDERLY_TOKEN_ISSUER"], variables["ORDERLY_TOKEN_AUDIENCE"]

    def webhook(self, graph: Graph) -> str | None:
        return self.variables(graph, "notify-ops").get("ORDERLY_WEBHOOK_URL")

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
