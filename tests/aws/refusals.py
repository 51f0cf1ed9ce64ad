"""What AWS refuses of a whole graph while it is deployed, or silently never does: facts/aws.md calls them by number.

Pulumi and its mocks show none of them. Each rule gives one line for each offence: which resource, what, and what AWS
would say or do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.aws import (
    refused_access,
    refused_apis,
    refused_deliveries,
    refused_encryption,
    refused_functions,
    refused_patterns,
    refused_polling,
    refused_tables,
)
from tests.aws.landscape import Landscape
from tests.graph import Graph

Rule = Callable[[Landscape], Iterator[str]]
MODULES = (
    refused_access,
    refused_apis,
    refused_deliveries,
    refused_encryption,
    refused_functions,
    refused_patterns,
    refused_polling,
    refused_tables,
)
RULES: tuple[Rule, ...] = tuple(rule for module in MODULES for rule in module.RULES)


def refusals(graph: Graph) -> list[str]:
    """What AWS refuses, or takes and never does."""
    return _found(graph, RULES)


def advice(graph: Graph) -> list[str]:
    """What AWS takes and advises against."""
    return _found(graph, refused_polling.ADVICE)


def _found(graph: Graph, rules: tuple[Rule, ...]) -> list[str]:
    land = Landscape(graph)
    return sorted(f"{rule.__name__}: {line}" for rule in rules for line in rule(land))
