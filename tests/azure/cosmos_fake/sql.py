"""The SQL that the adapters send, and what the client makes of it for each partition; anything else is refused."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.azure.cosmos_fake.refusals import unimplemented

Item: TypeAlias = Mapping[str, Any]
Test: TypeAlias = Callable[[Item], bool]

_TOKEN = re.compile(r"""\s*("[^"]*"|@\w+|\d+|c\.\w+|[A-Za-z_]\w*|<=|>=|[*=<>(),\[\]{}:])""")
_COMPARES: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, kw_only=True)
class Query:
    """`selects` gives the answer for an item; `filtered` and `orders` are the fields that have to be indexed."""

    selects: Callable[[Item], Any]
    payload: str
    test: Test
    where: str
    filtered: frozenset[str]
    orders: tuple[tuple[str, bool], ...]
    """Each field, and whether it descends."""

    def run(self, items: Sequence[Item]) -> list[Any]:
        """An item without a field that the query is ordered by is in no index of it."""
        found = [item for item in items if self.test(item) and all(name in item for name, _ in self.orders)]
        for name, descends in reversed(self.orders):
            found.sort(key=lambda item: item[name], reverse=descends)
        return [self.selects(item) for item in found]


def parse(text: str, values: Mapping[str, Any]) -> Query:
    return _Parser(text, values).query()


def condition(text: str) -> Test:
    """Of a patch: `from c where ...`."""
    parser = _Parser(text, {})
    parser.take("from", "c", "where")
    test = parser.conditions()
    parser.end()
    return test


class _Parser:
    def __init__(self, text: str, values: Mapping[str, Any]) -> None:
        self._text, self._values = text, values
        self._tokens, self._at = _tokens(text), 0
        self._filtered: set[str] = set()

    def query(self) -> Query:
        self.take("select")
        selects, payload = self._selection()
        self.take("from", "c")
        test, begin = (lambda _: True), self._at
        if self._next_is("where"):
            begin = self._at
            test = self.conditions()
        where = " ".join(self._tokens[begin : self._at])
        orders = self._orders() if self._next_is("order") else ()
        self.end()
        filtered = frozenset(self._filtered)
        return Query(selects=selects, payload=payload, test=test, where=where, filtered=filtered, orders=orders)

    def conditions(self) -> Test:
        tests = [self._condition()]
        while self._next_is("and"):
            tests.append(self._condition())
        return lambda item: all(test(item) for test in tests)

    def take(self, *words: str) -> None:
        for word in words:
            if not self._next_is(word):
                raise unimplemented(f"the query {self._text!r}: {word} was to come")

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise unimplemented(f"the query {self._text!r} behind {self._tokens[self._at - 1]}")

    def _selection(self) -> tuple[Callable[[Item], Any], str]:
        if self._next_is("*"):
            return (lambda item: item), "c"
        if self._next_is("value"):
            field = self._field()
            return (lambda item: item[field]), f"c.{field}"
        return self._rewritten()

    def _rewritten(self) -> tuple[Callable[[Item], Any], str]:
        """As the query plan says, whose answers the client merges."""
        self.take("c._rid", ",", "[")
        ordered = list[str]()
        while not self._next_is("]"):
            self.take("{", '"item"', ":")
            ordered.append(self._field())
            self.take("}")
            self._next_is(",")
        self.take("as", "orderByItems".lower(), ",")
        payload = self._field()
        self.take("as", "payload")
        return (
            lambda item: {
                "_rid": item["_rid"],
                "orderByItems": [{"item": item[name]} for name in ordered],
                "payload": item[payload],
            }
        ), f"c.{payload}"

    def _condition(self) -> Test:
        if self._next_is("true"):
            return lambda _: True
        if self._next_is("("):
            inner = self.conditions()
            self.take(")")
            return inner
        field = self._field()
        self._filtered.add(field)
        if self._next_is("in"):
            return self._one_of(field)
        compare = _COMPARES.get(self._take_any())
        if compare is None:
            raise unimplemented(f"the query {self._text!r}: a comparison was to come")
        value = self._value()
        return lambda item: type(item.get(field)) is type(value) and compare(item[field], value)

    def _one_of(self, field: str) -> Test:
        self.take("(")
        values = [self._value()]
        while self._next_is(","):
            values.append(self._value())
        self.take(")")
        return lambda item: item.get(field) in values

    def _orders(self) -> tuple[tuple[str, bool], ...]:
        self.take("by")
        orders = [self._order()]
        while self._next_is(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> tuple[str, bool]:
        field = self._field()
        descends = self._next_is("desc")
        if not descends:
            self._next_is("asc")
        return field, descends

    def _field(self) -> str:
        token = self._take_any()
        if not token.startswith("c."):
            raise unimplemented(f"the query {self._text!r}: a field was to come, not {token}")
        return token.removeprefix("c.")

    def _value(self) -> Any:  # noqa: ANN401
        token = self._take_any()
        if token.startswith("@"):
            return self._values[token]
        return int(token) if token.isdigit() else token.strip('"')

    def _take_any(self) -> str:
        if self._at == len(self._tokens):
            raise unimplemented(f"the query {self._text!r}: something was to come at its end")
        self._at += 1
        return self._tokens[self._at - 1]

    def _next_is(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at].lower() == word:
            self._at += 1
            return True
        return False


def _tokens(text: str) -> list[str]:
    tokens, at = list[str](), 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise unimplemented(f"the query {text!r} at {text[at:]!r:.20}")
        tokens.append(found[1])
        at = found.end()
    return tokens
