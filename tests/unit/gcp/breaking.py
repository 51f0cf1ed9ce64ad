"""The whole system's graph in each of its forms, and what can be done wrongly in an API's document."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.breaking import Break, changed
from tests.graph import Graph, build, config

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


@cache
def built(form: str) -> Graph:
    return build(config("gcp", **FORMS[form]), stack="test")


def told(name: str, change: Callable[[dict[str, Any]], None]) -> Break:
    """Of an API's configuration, with its document changed."""

    def broken(graph: Graph) -> Graph:
        (found,) = graph.one("apigateway.ApiConfig", name).inputs["openapiDocuments"]
        document = json.loads(base64.b64decode(found["document"]["contents"]))
        change(document)
        contents = base64.b64encode(json.dumps(document).encode()).decode()
        return changed("apigateway.ApiConfig", name, "openapiDocuments.0.document.contents", contents)(graph)

    return broken
