"""Which resource of a graph an ARN is of, and which component a resource."""

from __future__ import annotations

from tests.graph import Graph, Resource


def where(graph: Graph, kind: str, **inputs: object) -> list[Resource]:
    return [
        found
        for found in graph.of(kind).values()
        if all(found.inputs.get(name) == value for name, value in inputs.items())
    ]


def by_arn(graph: Graph, arn: str) -> Resource:
    """The resource that has the ARN; a log group's may end in `:*`."""
    (found,) = [each for each in graph if own_arn(each) == arn.removesuffix(":*")]
    return found


def of_arn(graph: Graph, arn: str) -> Resource:
    """Of the ARN, or of the thing that it is a part of: a bucket's objects, a table's stream."""
    for found in graph:
        if arn in (own_arn(found), found.state.get("streamArn"), f"{own_arn(found)}/*"):
            return found
    raise AssertionError(f"nothing in the graph is {arn}")


def own_arn(resource: Resource) -> str | None:
    """One that is among its inputs is that of something else."""
    return None if "arn" in resource.inputs else resource.state.get("arn")


def owner(resource: Resource) -> tuple[str, str]:
    """Contract and name of the component that a resource is a child of."""
    kind, _, name = resource.parent.rpartition("::")
    return kind.rpartition(":")[2].lower(), name
