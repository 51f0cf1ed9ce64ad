"""A secret's promise: its value is in one place, encrypted, and a function knows only what to ask for."""

from __future__ import annotations

import json

from components.targets import TargetName
from tests.graph import Graph, build, config
from tests.reading import Reading
from tests.readings import READINGS

PARTNERS = {
    "payments": {"url": "https://pay.example", "api_key": "key-of-the-shop"},
    "notification": {"webhook_url": "https://ops.example", "webhook_secret": "word-of-the-day"},
}


def _everything_in_plain_text(graph: Graph) -> str:
    shown = [{name: value for name, value in found.inputs.items() if name not in found.secrets} for found in graph]
    return json.dumps(shown, default=vars)


def test_values_are_secret_wherever_they_are_recorded(target: TargetName, read: Reading) -> None:
    graph = build(config(target, **PARTNERS))
    assert read.secret_values(graph) == {"payment-api-key": "key-of-the-shop", "webhook-secret": "word-of-the-day"}
    assert "key-of-the-shop" not in _everything_in_plain_text(graph)
    assert "word-of-the-day" not in _everything_in_plain_text(graph)


def test_a_function_is_told_a_secrets_name_and_may_read_that_one(target: TargetName, read: Reading) -> None:
    graph = build(config(target, **PARTNERS))
    assert ("ORDERLY_PAYMENT_SECRET", "payment-api-key") in read.variables(graph, "payment-tasks").items()
    assert "read secret/payment-api-key" in read.grants(graph, "payment-tasks")


def test_a_function_that_posts_to_the_webhook_reads_its_secret() -> None:
    graph, read = build(config("local", **PARTNERS)), READINGS["local"]
    assert ("ORDERLY_WEBHOOK_SECRET", "webhook-secret") in read.variables(graph, "notify-ops").items()
    assert "read secret/webhook-secret" in read.grants(graph, "notify-ops")


def test_without_partners_there_is_no_secret_and_no_grant(target: TargetName, read: Reading) -> None:
    graph = build(config(target))
    assert read.secret_values(graph) == {}
    assert not any("secret" in grant for grant in read.grants(graph, "payment-tasks"))
    assert "ORDERLY_PAYMENT_URL" not in read.variables(graph, "payment-tasks")
