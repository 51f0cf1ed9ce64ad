"""The whole system's graph in each of its forms, and what can be done wrongly in an app's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, cast

from tests.breaking import Break, each, with_input
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


@cache
def built(form: str) -> Graph:
    return build(config("azure", **FORMS[form]), stack="test")


def told(app: str, setting: str, value: str | None) -> Break:
    """An app with another setting; None leaves it out."""

    def change(found: Resource) -> Resource:
        others = [one for one in found.inputs["siteConfig"]["appSettings"] if one["name"] != setting]
        said = [] if value is None else [{"name": setting, "value": value}]
        return with_input(found, "siteConfig.appSettings", [*others, *said])

    return each("web.WebApp", app, change)


def reworded(kind: str, name: str, path: str, old: str, new: str) -> Break:
    """With other words in a text."""

    def change(found: Resource) -> Resource:
        text = found.inputs[path]
        assert old in text, f"{old} is not in {path}"
        return with_input(found, path, text.replace(old, new))

    return each(kind, name, change)


def readable(kind: str, name: str) -> Break:
    """Nothing of it is encrypted in the state."""
    return each(kind, name, lambda found: replace(found, secrets=frozenset()))
