"""An API with its function and its issuer, of either kind, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from components.api import Api, ApiArgs
from components.assembly import Assembly
from components.aws._account import Account
from components.aws._alarms import Alarm
from components.behind import behind
from components.function import Function
from components.group import Transform
from components.issuer import Issuer, IssuerArgs
from components.shop_blocks import TokenConfig
from tests.graph import Graph, config, record
from tests.unit.components.making import function_args

REGION = {"region": "eu-central-1", "account": "123456789012"}
ELSEWHERE = TokenConfig(
    issuer="https://login.example", audience="orders-api", keys_url="https://login.example/keys.json"
)
PAGES = ("https://shop.example", "https://admin.example")
PROTECTED = {
    "POST /orders": "orders:write",
    "GET /orders": "orders:read",
    "HEAD /orders": "orders:read",
    "GET /orders/{order_id}": "orders:read",
    "HEAD /orders/{order_id}": "orders:read",
    "POST /orders/{order_id}/cancellation": "orders:write",
}
OPEN = {"GET /health", "HEAD /health", "GET /openapi.json", "HEAD /openapi.json"}
"""What the route table says, HEAD included: by operation the scope that it needs, and those that need none."""


def gateway(
    kind: str,
    *,
    token: TokenConfig | None = None,
    origins: tuple[str, ...] = PAGES,
    timeout: timedelta = timedelta(seconds=10),
    stage: str = "dev",
    transform: Transform | None = None,
    **block: object,
) -> Graph:
    system = config("aws", stage=stage, aws={**REGION, "api_kind": kind, **block}, api={"cors_origins": list(origins)})

    def program() -> Mapping[str, Any]:
        assembly = Assembly("alone", config=system, transforms={"api/api": transform or {}}, parent=None)
        issuer = assembly.make(Issuer, "issuer", IssuerArgs(configured=token))
        args = replace(function_args(issuer.verifier()), handler="api", timeout=timeout)
        function = assembly.make(Function, "api", args)
        api = assembly.make(
            Api,
            "api",
            ApiArgs(function=function, issuer=issuer, cors_origins=origins, rate_per_second=20, burst=40),
        )
        assembly.finish()
        return {
            "url": api.serve(),
            "issuer": issuer.issuer,
            "audience": issuer.audience,
            "keys": issuer.keys,
            "alarms": [
                _plain(alarm) for alarm in behind(assembly.foundation, Account).alarms if alarm.contract == "api"
            ],
        }

    return record(program)


def _plain(alarm: Alarm) -> Mapping[str, Any]:
    shared = alarm.share_of.name if alarm.share_of else None
    return {
        "about": alarm.about,
        "metric": f"{alarm.metric.namespace} {alarm.metric.name} {alarm.metric.statistic}",
        "share_of": shared,
        "threshold": alarm.threshold,
        "dimensions": alarm.metric.dimensions,
    }


@cache
def usual(kind: str) -> Graph:
    """With the target's own issuer, pages at two origins, and the defaults of the block."""
    return gateway(kind)


def paths_of(graph: Graph) -> dict[str, str]:
    """By the id of each resource the path that it stands for."""
    resources = [{**found.state, "id": found.id} for found in graph.of("apigateway.Resource").values()]
    (api,) = graph.of("apigateway.RestApi").values()
    paths = {api.state["rootResourceId"]: ""}
    while len(paths) <= len(resources):
        paths |= {
            found["id"]: f"{paths[found['parentId']]}/{found['pathPart']}"
            for found in resources
            if found["parentId"] in paths
        }
    return {**paths, api.state["rootResourceId"]: "/"}


def methods_of(graph: Graph) -> dict[str, Any]:
    """By method and path of a REST API what is asked of it."""
    paths = paths_of(graph)
    return {
        f"{method.inputs['httpMethod']} {paths[method.inputs['resourceId']]}": method.inputs
        for method in graph.of("apigateway.Method").values()
    }
