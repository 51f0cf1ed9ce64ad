"""Whether a container's indexes serve a query, and the plan by which the client puts one together."""

from __future__ import annotations

from typing import Any

from functions.adapters.azure.layout import Container
from tests.azure.cosmos_fake.refusals import invalid
from tests.azure.cosmos_fake.sql import Query

ALWAYS = frozenset({"id"})


def check_indexes(query: Query, container: Container) -> None:
    """Cosmos DB itself reads every item of a container for a filter without an index: here that is refused as well."""
    indexed = ALWAYS | {path.removeprefix("/").removesuffix("/?") for path in container.indexed}
    if missing := query.filtered - indexed:
        raise invalid(f"{container.name} has no index of {', '.join(sorted(missing))}")
    if len(query.orders) == 1 and query.orders[0][0] not in indexed:
        raise invalid(f"The index path corresponding to the specified order-by item is excluded: {query.orders}")
    if len(query.orders) > 1 and not _has_composite(query, container):
        raise invalid(f"The order by query does not have a corresponding composite index: {query.orders}")


def plan(query: Query) -> dict[str, Any]:
    """As the gateway answers it: the query of each partition also says by what its items are to be merged."""
    items = ", ".join(f'{{"item": c.{name}}}' for name, _ in query.orders)
    order = ", ".join(f"c.{name} {'DESC' if descends else 'ASC'}" for name, descends in query.orders)
    rewritten = (
        f"SELECT c._rid, [{items}] AS orderByItems, {query.payload} AS payload FROM c"  # noqa: S608
        f" WHERE (({query.where}) AND ({{documentdb-formattableorderbyquery-filter}})) ORDER BY {order}"
    )
    return {
        "partitionedQueryExecutionInfoVersion": 2,
        "queryInfo": {
            "distinctType": "None",
            "top": None,
            "offset": None,
            "limit": None,
            "orderBy": ["Descending" if descends else "Ascending" for _, descends in query.orders],
            "orderByExpressions": [f"c.{name}" for name, _ in query.orders],
            "groupByExpressions": [],
            "groupByAliases": [],
            "aggregates": [],
            "groupByAliasToAggregateType": {},
            "rewrittenQuery": rewritten,
            "hasSelectValue": True,
            "hasNonStreamingOrderBy": False,
        },
        "queryRanges": [{"min": "", "max": "FF", "isMinInclusive": True, "isMaxInclusive": False}],
    }


def _has_composite(query: Query, container: Container) -> bool:
    """As it is, or the other way round as a whole."""
    for composite in container.composites:
        there = tuple((path.removeprefix("/"), direction == "descending") for path, direction in composite)
        back = tuple((path, not descends) for path, descends in there)
        if query.orders in (there, back):
            return True
    return False
