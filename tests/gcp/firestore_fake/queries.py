"""Structured queries: which documents, in which order, from which cursor on, and whether an index makes it possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any, TypeAlias

import grpc
from google.cloud.firestore_v1.types import StructuredQuery

from functions.adapters.gcp import layout
from tests.gcp.firestore_fake.refusals import RefusedError, unimplemented
from tests.gcp.firestore_fake.store import Stored
from tests.gcp.firestore_fake.values import Value, field_name, new_value, rank, sort_key

NAME = "__name__"
Operator, Direction = StructuredQuery.FieldFilter.Operator, StructuredQuery.Direction
AND = StructuredQuery.CompositeFilter.Operator.AND
_COMPARES: dict[int, Callable[[Any, Any], bool]] = {
    Operator.LESS_THAN: lambda left, right: left < right,
    Operator.LESS_THAN_OR_EQUAL: lambda left, right: left <= right,
    Operator.GREATER_THAN: lambda left, right: left > right,
    Operator.GREATER_THAN_OR_EQUAL: lambda left, right: left >= right,
}
Query: TypeAlias = Any


@dataclass(frozen=True)
class Filter:
    field: str
    operator: int
    value: Value

    @property
    def is_equality(self) -> bool:
        return self.operator == Operator.EQUAL

    def matches(self, value: Value | None) -> bool:
        if value is None or rank(value) != rank(self.value):
            return False
        if self.is_equality:
            return sort_key(value) == sort_key(self.value)
        return _COMPARES[self.operator](sort_key(value), sort_key(self.value))


@dataclass(frozen=True)
class Order:
    field: str
    is_descending: bool


class Plan:
    """A query below one parent (`` for the root), read once."""

    def __init__(self, parent: str, query: Query, root: str) -> None:
        if len(query.from_) != 1:
            raise unimplemented("a query of any number of collections but one")
        (source,) = query.from_
        self._collection, self._is_group = source.collection_id, source.all_descendants
        self._parent, self._query, self._root = parent, query, root
        self._filters = list(_filters(query.where)) if query.HasField("where") else []
        self._orders = self._all_orders()
        self._require_index()

    def run(self, documents: Sequence[Stored]) -> list[Stored]:
        found = [each for each in documents if self._is_asked_for(each)]
        found.sort(key=cmp_to_key(lambda left, right: self._compare(self._keys(left), self._keys(right))))
        if self._query.HasField("start_at"):
            found = [each for each in found if self._is_behind(each, self._query.start_at)]
        if self._query.HasField("end_at"):
            found = [each for each in found if not self._is_behind(each, self._query.end_at)]
        found = found[self._query.offset :]
        return found[: self._query.limit.value] if self._query.HasField("limit") else found

    def _is_asked_for(self, document: Stored) -> bool:
        """A document without a field that the order names is in no index of it."""
        collection, _, _ = document.path.rpartition("/")
        parent, _, name = f"/{collection}".rpartition("/")
        if name != self._collection:
            return False
        if not (self._is_group and not self._parent) and parent.lstrip("/") != self._parent:
            return False
        return all(each.matches(self._value(document, each.field)) for each in self._filters) and all(
            self._value(document, order.field) is not None for order in self._orders
        )

    def _all_orders(self) -> list[Order]:
        """What is ordered by a range or a name without saying so goes the way of the last order that is said."""
        orders = [Order(_field(each.field), each.direction == 2) for each in self._query.order_by]
        last = orders[-1].is_descending if orders else False
        named = {order.field for order in orders}
        for each in self._filters:
            if not each.is_equality and each.field not in named:
                orders.append(Order(each.field, last))
                named.add(each.field)
        return orders if NAME in named else [*orders, Order(NAME, last)]

    def _require_index(self) -> None:
        equal = {each.field for each in self._filters if each.is_equality}
        ordered = [(order.field, order.is_descending) for order in self._orders if order.field not in equal]
        (name, name_descends), fields = ordered[-1], ordered[:-1]
        if name != NAME or (fields and fields[-1][1] is not name_descends) or (not fields and name_descends):
            raise _no_index(f"{self._collection}: {self._orders}")
        if not equal and not fields:
            return
        needs_composite = bool(equal and fields) or len(fields) > 1
        if needs_composite and not self._has_composite(equal, fields):
            raise _no_index(f"{self._collection}: {sorted(equal)} equal, ordered by {fields}")
        if not needs_composite:
            self._require_single_fields(equal or {fields[0][0]})

    def _has_composite(self, equal: set[str], fields: list[tuple[str, bool]]) -> bool:
        """Equalities first, in any order and direction; then the order as it is, which no index serves backwards."""
        scope = "COLLECTION_GROUP" if self._is_group else "COLLECTION"
        for index in layout.INDEXES:
            first, rest = index.fields[: len(equal)], index.fields[len(equal) :]
            directions = [(name, direction == "DESCENDING") for name, direction in rest]
            if (index.collection, index.scope) == (self._collection, scope) and directions == fields:
                return {name for name, _ in first} == equal
        return False

    def _require_single_fields(self, names: set[str]) -> None:
        """Firestore makes these by itself for collections, not for groups of them, and not where they are exempt."""
        exempt = {each.field for each in layout.EXEMPTIONS if each.collection == self._collection}
        if self._is_group or names & exempt:
            raise _no_index(f"{self._collection}: single field {sorted(names)}")

    def _keys(self, document: Stored) -> list[Value]:
        return [self._value(document, order.field) for order in self._orders]

    def _value(self, document: Stored, name: str) -> Value | None:
        if name == NAME:
            return new_value(reference_value=f"{self._root}/{document.path}")
        return document.fields.get(name)

    def _compare(self, left: Sequence[Value], right: Sequence[Value]) -> int:
        """As far as the shorter one goes: a cursor need not say all that is ordered by."""
        for order, one, other in zip(self._orders, left, right, strict=False):
            if (first := sort_key(one)) != (second := sort_key(other)):
                return -1 if (first < second) is not order.is_descending else 1
        return 0

    def _is_behind(self, document: Stored, cursor: Any) -> bool:  # noqa: ANN401
        """Whether the document lies behind the cursor, which lies `before` its equals or after them."""
        compared = self._compare(self._keys(document), list(cursor.values))
        return compared > 0 or (compared == 0 and cursor.before)


def _filters(where: Any) -> Iterator[Filter]:  # noqa: ANN401
    kind = where.WhichOneof("filter_type")
    if kind == "composite_filter" and where.composite_filter.op == AND:
        for each in where.composite_filter.filters:
            yield from _filters(each)
    elif kind == "field_filter" and where.field_filter.op in (Operator.EQUAL, *_COMPARES):
        yield Filter(_field(where.field_filter.field), where.field_filter.op, where.field_filter.value)
    else:
        raise unimplemented(f"the filter {where}")


def _field(reference: Any) -> str:  # noqa: ANN401
    return NAME if reference.field_path == NAME else field_name(reference.field_path)


def _no_index(what: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.FAILED_PRECONDITION, f"The query requires an index: {what}")
