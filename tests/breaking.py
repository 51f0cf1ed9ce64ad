"""A graph with one thing of it done wrongly."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.graph import Graph, Resource

Break = Callable[[Graph], Graph]


def without(kind: str, name: str) -> Break:
    return lambda graph: replace(graph, resources=tuple(each for each in graph if not _is(each, kind, name)))


def changed(kind: str, name: str, path: str, value: object) -> Break:
    """`path` as in `serviceConfig.timeoutSeconds`; a value of None leaves the input out."""
    return each(kind, name, lambda found: with_input(found, path, value))


def unordered(kind: str, name: str, *, besides: str) -> Break:
    """Waits for nothing of one kind, be it that its inputs come from it."""

    def broken(graph: Graph) -> Graph:
        urns = {found.urn for found in graph if found.kind == besides}
        lonely = each(kind, name, lambda found: replace(found, dependencies=found.dependencies - urns))
        return lonely(graph)

    return broken


def twice(kind: str, name: str = ".*") -> Break:
    return lambda graph: replace(
        graph, resources=(*graph.resources, *(each for each in graph if _is(each, kind, name)))
    )


def retyped(kind: str, name: str, type_token: str) -> Break:
    return each(kind, name, lambda found: replace(found, type=type_token))


def each(kind: str, name: str, change: Callable[[Resource], Resource]) -> Break:
    """Of those of the kind whose whole name fits the pattern `name`; one at least has to be there."""

    def broken(graph: Graph) -> Graph:
        assert any(_is(found, kind, name) for found in graph), f"there is no {kind} {name}"
        return replace(graph, resources=tuple(change(found) if _is(found, kind, name) else found for found in graph))

    return broken


def with_input(resource: Resource, path: str, value: object) -> Resource:
    """In the state too; `path` and `value` are those of `changed`."""
    inputs, state = copy.deepcopy(dict(resource.inputs)), copy.deepcopy(dict(resource.state))
    for values in (inputs, state):
        *steps, last = path.split(".")
        place: Any = values
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return replace(resource, inputs=inputs, state=state)


def _is(resource: Resource, kind: str, name: str) -> bool:
    return resource.kind == kind and re.fullmatch(name, resource.name) is not None
