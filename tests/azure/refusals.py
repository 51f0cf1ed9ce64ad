"""What Azure refuses of a whole graph while it is deployed, or silently never does.

Pulumi and its mocks show none of them. Each rule gives one line for each offence: which resource, what, and what Azure
would say or do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.azure import (
    refused_access,
    refused_apis,
    refused_calls,
    refused_data,
    refused_functions,
    refused_messages,
    refused_watching,
)
from tests.azure.landscape import Landscape
from tests.graph import Graph

Rule = Callable[[Landscape], Iterator[str]]
MODULES = (
    refused_access,
    refused_apis,
    refused_calls,
    refused_data,
    refused_functions,
    refused_messages,
    refused_watching,
)
RULES: tuple[Rule, ...] = tuple(rule for module in MODULES for rule in module.RULES)


def refusals(graph: Graph) -> list[str]:
    """What Azure refuses, or takes and never does."""
    land = Landscape(graph)
    return sorted(f"{rule.__name__}: {line}" for rule in RULES for line in rule(land))
