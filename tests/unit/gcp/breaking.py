"""The whole system's graph with one thing of it done wrongly."""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from tests.graph import Graph, Resource, build, config

PLACE = {"project": "orderly-test", "region": "europe-west1"}
FORMS: dict[str, dict[str, Any]] = {
    "dev": {"gcp": PLACE},
    "prod": {"stage": "prod", "gcp": PLACE},
    "partners": {
        "gcp": {**PLACE, "alarm_email": "ops@shop.example"},
        "payments": {"url": "https://pay.example", "api_key": "key"},
        "notification": {"webhook_url": "https://ops.example/hook", "webhook_secret": "word"},
    },
    "load-balancer": {
        "stage": "prod",
        "gcp": {**PLACE, "api_kind": "load_balancer", "domain": "api.shop.example", "alarm_email": "ops@shop.example"},
    },
    "direct": {"gcp": {**PLACE, "api_kind": "direct"}},
    "elsewhere": {"gcp": {**PLACE, "region": "europe-west4", "gateway_region": "europe-west1"}},
    "slow": {"functions": {"timeout": "4m", "memory_mb": 4096}, "queues": {"visibility_timeout": "5m"}, "gcp": PLACE},
}
Break = Callable[[Graph], Graph]


@cache
def built(form: str) -> Graph:
    return build(config("gcp", **FORMS[form]), stack="test")


def without(kind: str, name: str) -> Break:
    return lambda graph: replace(graph, resources=tuple(each for each in graph if not _is(each, kind, name)))


def changed(kind: str, name: str, path: str, value: object) -> Break:
    """`path` as in `serviceConfig.timeoutSeconds`; a value of None leaves the input out."""
    return lambda graph: _each(graph, kind, name, lambda found: _with(found, path, value))


def unordered(kind: str, name: str, *, besides: str) -> Break:
    """Waits for nothing of one kind, be it that its inputs come from it."""

    def broken(graph: Graph) -> Graph:
        urns = {each.urn for each in graph if each.kind == besides}
        return _each(graph, kind, name, lambda found: replace(found, dependencies=found.dependencies - urns))

    return broken


def twice(kind: str) -> Break:
    return lambda graph: replace(graph, resources=(*graph.resources, *(each for each in graph if each.kind == kind)))


def retyped(kind: str, name: str, type_token: str) -> Break:
    return lambda graph: _each(graph, kind, name, lambda found: replace(found, type=type_token))


def told(name: str, change: Callable[[dict[str, Any]], None]) -> Break:
    """Of an API's configuration, with its document changed."""

    def broken(graph: Graph) -> Graph:
        (found,) = graph.one("apigateway.ApiConfig", name).inputs["openapiDocuments"]
        document = json.loads(base64.b64decode(found["document"]["contents"]))
        change(document)
        contents = base64.b64encode(json.dumps(document).encode()).decode()
        return changed("apigateway.ApiConfig", name, "openapiDocuments.0.document.contents", contents)(graph)

    return broken


def _each(graph: Graph, kind: str, name: str, change: Callable[[Resource], Resource]) -> Graph:
    assert any(_is(each, kind, name) for each in graph), f"there is no {kind} {name}"
    return replace(graph, resources=tuple(change(each) if _is(each, kind, name) else each for each in graph))


def _is(resource: Resource, kind: str, name: str) -> bool:
    return resource.kind == kind and re.fullmatch(name, resource.name) is not None and resource.type.startswith("gcp:")


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
