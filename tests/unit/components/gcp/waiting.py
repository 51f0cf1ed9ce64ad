"""What a resource is made after, by all that it depends on."""

from __future__ import annotations

from tests.graph import Graph, Resource


def waited_for(graph: Graph, resource: Resource) -> set[tuple[str, str]]:
    """Kind and name of everything that exists before it."""
    by_urn = {found.urn: found for found in graph}
    reached, left = set[str](), list(resource.dependencies)
    while left:
        urn = left.pop()
        if urn in by_urn and urn not in reached:
            reached.add(urn)
            left.extend(by_urn[urn].dependencies)
    return {(by_urn[urn].kind, by_urn[urn].name) for urn in reached}
