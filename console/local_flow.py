"""The event flow of a local system, as its declarations say it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from console.ports import Edge, Flow, Kind, Node
from local_runtime.declarations import (
    Api,
    Bucket,
    Consumer,
    Database,
    Declaration,
    EventBus,
    Feed,
    Function,
    Pattern,
    Queue,
    Rule,
    Schedule,
    Subscription,
    Topic,
    Workflow,
)
from local_runtime.declared import Declared

_KINDS: dict[type[Declaration], tuple[str, Kind]] = {
    Function: ("function", Kind.FUNCTION),
    Database: ("database", Kind.DATABASE),
    EventBus: ("bus", Kind.BUS),
    Topic: ("topic", Kind.TOPIC),
    Queue: ("queue", Kind.QUEUE),
    Workflow: ("workflow", Kind.WORKFLOW),
    Schedule: ("schedule", Kind.SCHEDULE),
    Bucket: ("bucket", Kind.BUCKET),
}
_GRANTED = {"write": "writes", "publish": "publishes", "start": "starts", "send": "sends"}
"""The verbs by which something goes from a function; what it reads or consumes comes to it."""


def flow(declared: Declared) -> Flow:
    """Sorted, so that the same system always gives the same flow; the API's function is the API."""
    nodes = {node.id: node for node in _nodes(declared)}
    edges = sorted(set(_edges(declared)), key=lambda edge: (edge.source, edge.target, edge.label))
    return Flow(nodes=tuple(nodes[key] for key in sorted(nodes)), edges=tuple(edges))


def _nodes(declared: Declared) -> Iterator[Node]:
    served = {api.function for api in declared.all(Api).values()}
    for declaration, (prefix, kind) in _KINDS.items():
        for name in declared.all(declaration):
            is_api = declaration is Function and name in served
            yield Node(id=f"{prefix}/{name}", kind=Kind.API if is_api else kind, name=name)


def _edges(declared: Declared) -> Iterator[Edge]:
    yield from _of_functions(declared)
    yield from _of_messages(declared)
    for feed in declared.all(Feed).values():
        yield Edge(source=f"database/{feed.database}", target=f"function/{feed.function}", label="change feed")
    for schedule in declared.all(Schedule).values():
        label = f"{schedule.cron} {schedule.timezone}" if schedule.enabled else "switched off"
        yield Edge(source=f"schedule/{schedule.name}", target=f"function/{schedule.function}", label=label)
    for workflow in declared.all(Workflow).values():
        for function in sorted(set(workflow.tasks.values())):
            tasks = [task for task, performer in workflow.tasks.items() if performer == function]
            yield Edge(
                source=f"workflow/{workflow.name}", target=f"function/{function}", label=", ".join(sorted(tasks))
            )


def _of_functions(declared: Declared) -> Iterator[Edge]:
    for function in declared.all(Function).values():
        for grant in function.grants:
            if grant.verb in _GRANTED:
                yield Edge(source=f"function/{function.name}", target=grant.resource, label=_GRANTED[grant.verb])


def _of_messages(declared: Declared) -> Iterator[Edge]:
    for rule in declared.all(Rule).values():
        for target in rule.targets:
            yield Edge(source=f"bus/{rule.bus}", target=target, label=wanted(rule.pattern))
    for subscription in declared.all(Subscription).values():
        label = wanted(subscription.filter)
        yield Edge(source=f"topic/{subscription.topic}", target=f"queue/{subscription.queue}", label=label)
    for consumer in declared.all(Consumer).values():
        yield Edge(source=f"queue/{consumer.queue}", target=f"function/{consumer.function}", label="messages")


def wanted(pattern: Pattern) -> str:
    """A pattern as one reads it: `order.placed and total_minor > 10000`; an empty one is `everything`."""
    told = sorted(pattern.items(), key=lambda item: (item[0] != "event_type", item[0]))
    return " and ".join(_key(key, conditions) for key, conditions in told) or "everything"


def _key(key: str, conditions: list[str | int | dict[str, Any]]) -> str:
    exact = [str(each) for each in conditions if not isinstance(each, dict)]
    others = [_operator(key, each) for each in conditions if isinstance(each, dict)]
    told = [" or ".join(exact) if key == "event_type" else f"{key} {' or '.join(exact)}"] if exact else []
    return " or ".join([*told, *others])


def _operator(key: str, condition: dict[str, Any]) -> str:
    ((name, operand),) = condition.items()
    if name == "numeric":
        return f"{key} {' '.join(str(part) for part in operand)}"
    return f"{key} {name} {operand if isinstance(operand, str) else json.dumps(operand)}"
