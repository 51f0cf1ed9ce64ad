"""The event flow that a local system's declarations say."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest

from console.local_flow import flow, wanted
from console.ports import Edge, Kind
from local_runtime.declarations import KINDS, Pattern
from local_runtime.declared import Declared
from tests.graph import build, config


def declared() -> Declared:
    """The whole system as the program declares it."""
    found, graph = Declared(), build(config())
    for name, kind in KINDS.items():
        for resource in graph.of(name).values():
            plain = {field: value for field, value in resource.inputs.items() if field != "home"}
            found.add(msgspec.convert(plain, kind))
    return found


def test_an_orders_way_through_the_system_is_in_it() -> None:
    drawn = flow(declared())
    pairs = {(edge.source, edge.target) for edge in drawn.edges}
    way = [
        "function/api",
        "database/orders",
        "function/relay",
        "bus/orders",
        "queue/fulfilment",
        "function/fulfil",
        "workflow/order",
        "function/payment-tasks",
    ]
    assert set(pairwise(way)) <= pairs
    assert {("topic/order-events", "queue/analytics"), ("schedule/cleanup", "function/cleanup")} <= pairs


def test_lines_say_what_goes_along_them() -> None:
    edges = flow(declared()).edges
    assert Edge(source="bus/orders", target="queue/fulfilment", label="order.placed") in edges
    assert Edge(source="topic/order-events", target="queue/analytics", label="everything") in edges
    (tasks,) = [edge.label for edge in edges if edge.target == "function/payment-tasks"]
    assert tasks == "process-payment, refund-payment"


def test_the_apis_function_is_the_api() -> None:
    kinds = {node.id: node.kind for node in flow(declared()).nodes}
    assert (kinds["function/api"], kinds["function/relay"]) == (Kind.API, Kind.FUNCTION)


def test_every_line_has_both_ends() -> None:
    drawn = flow(declared())
    known = {node.id for node in drawn.nodes}
    assert all({edge.source, edge.target} <= known for edge in drawn.edges)
    assert len(drawn.edges) > 25


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ({}, "everything"),
        ({"event_type": ["order.paid", "order.failed"]}, "order.paid or order.failed"),
        ({"tier": ["high"]}, "tier high"),
        ({"currency": ["EUR"], "event_type": ["order.paid"]}, "order.paid and currency EUR"),
        ({"total_minor": [{"numeric": [">", 5, "<=", 9]}]}, "total_minor > 5 <= 9"),
        (
            {"event_type": ["a"], "tenant": [{"prefix": "x"}, {"exists": False}]},
            "a and tenant prefix x or tenant exists false",
        ),
    ],
)
def test_a_pattern_reads_as_a_sentence(pattern: Pattern, said: str) -> None:
    assert wanted(pattern) == said
