"""The whole system's graph with one thing of it done wrongly."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, cast

from tests.graph import OWN_BLOCKS, Graph, Resource, build, config

BLOCK = cast("Mapping[str, object]", OWN_BLOCKS["azure"]["azure"])
PARTNERS: Mapping[str, object] = {
    "payments": {"url": "https://pay.example", "api_key": "key"},
    "notification": {"webhook_url": "https://ops.example/hook", "webhook_secret": "word"},
}
FORMS: dict[str, dict[str, Any]] = {
    "dev": {},
    "staging": {"stage": "staging"},
    "prod": {"stage": "prod"},
    "partners": {"azure": {**BLOCK, "alarm_email": "ops@shop.example"}, **PARTNERS},
    "basic": {
        "stage": "prod",
        "azure": {**BLOCK, "api_kind": "basic", "alarm_email": "ops@shop.example", "recover": True},
        "api": {"cors_origins": ["https://shop.example"]},
        **PARTNERS,
    },
    "direct": {"azure": {**BLOCK, "api_kind": "direct", "publisher_email": None}},
    "capacity": {"stage": "prod", "azure": {**BLOCK, "database_capacity": 10_000}},
    "scheduler": {"azure": {**BLOCK, "durable_backend": "scheduler"}},
    "slow": {"functions": {"timeout": "4m", "memory_mb": 4096}, "queues": {"visibility_timeout": "5m"}},
}
Break = Callable[[Graph], Graph]


@cache
def built(form: str) -> Graph:
    return build(config("azure", **FORMS[form]), stack="test")


def without(kind: str, name: str) -> Break:
    return lambda graph: replace(graph, resources=tuple(each for each in graph if not _is(each, kind, name)))


def changed(kind: str, name: str, path: str, value: object) -> Break:
    """`path` as in `retryPolicy.maxDeliveryAttempts`; a value of None leaves the input out."""
    return lambda graph: _each(graph, kind, name, lambda found: _with(found, path, value))


def told(app: str, setting: str, value: str | None) -> Break:
    """An app with another setting; None leaves it out."""

    def change(found: Resource) -> Resource:
        others = [each for each in found.inputs["siteConfig"]["appSettings"] if each["name"] != setting]
        said = [] if value is None else [{"name": setting, "value": value}]
        return _with(found, "siteConfig.appSettings", [*others, *said])

    return lambda graph: _each(graph, "web.WebApp", app, change)


def reworded(kind: str, name: str, path: str, old: str, new: str) -> Break:
    """With other words in a text."""

    def change(found: Resource) -> Resource:
        text = found.inputs[path]
        assert old in text, f"{old} is not in {path}"
        return _with(found, path, text.replace(old, new))

    return lambda graph: _each(graph, kind, name, change)


def unordered(kind: str, name: str, *, besides: str) -> Break:
    """Waits for nothing of one kind, be it that its inputs come from it."""

    def broken(graph: Graph) -> Graph:
        urns = {each.urn for each in graph if each.kind == besides}
        return _each(graph, kind, name, lambda found: replace(found, dependencies=found.dependencies - urns))

    return broken


def twice(kind: str, name: str) -> Break:
    return lambda graph: replace(
        graph, resources=(*graph.resources, *(each for each in graph if _is(each, kind, name)))
    )


def retyped(kind: str, name: str, type_token: str) -> Break:
    return lambda graph: _each(graph, kind, name, lambda found: replace(found, type=type_token))


def readable(kind: str, name: str) -> Break:
    """Nothing of it is encrypted in the state."""
    return lambda graph: _each(graph, kind, name, lambda found: replace(found, secrets=frozenset()))


def _each(graph: Graph, kind: str, name: str, change: Callable[[Resource], Resource]) -> Graph:
    assert any(_is(each, kind, name) for each in graph), f"there is no {kind} {name}"
    return replace(graph, resources=tuple(change(each) if _is(each, kind, name) else each for each in graph))


def _is(resource: Resource, kind: str, name: str) -> bool:
    return resource.kind == kind and re.fullmatch(name, resource.name) is not None


def _with(resource: Resource, path: str, value: object) -> Resource:
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
