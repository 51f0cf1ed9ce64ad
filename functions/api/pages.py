"""The parameters of a page of orders; a cursor is a page's position, opaque to the client, checked when it is back."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from functions.api.bodies import ORDER_ID, FieldProblem
from functions.api.body import clipped, quoted
from functions.api.problems import invalid
from functions.api.routes import CURSOR, DEFAULT_PAGE, MAX_PAGE
from functions.domain.order import OrderStatus
from functions.ports import PagePosition

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class PageQuery:
    """Which page is asked for."""

    status: OrderStatus | None
    limit: int
    after: PagePosition | None


class _BadParameterError(Exception):
    """Its text ends the sentence that begins with the parameter's name."""


def page_query(query: Mapping[str, tuple[str, ...]]) -> PageQuery:
    """Reads `status`, `limit` and `cursor`; raises a 400 that names each wrong or unknown parameter."""
    reading = _Reading(query)
    page = PageQuery(
        status=reading.value("status", _status),
        limit=reading.value("limit", _limit) or DEFAULT_PAGE,
        after=reading.value("cursor", _position),
    )
    reading.finish()
    return page


def cursor(position: PagePosition | None) -> str | None:
    """The position as a client carries it."""
    if position is None:
        return None
    text = f"{position.placed_at.isoformat()} {position.order_id}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


class _Reading:
    """Takes parameters one by one and remembers what was wrong with each."""

    def __init__(self, query: Mapping[str, tuple[str, ...]]) -> None:
        self._rest = dict(query)
        self._known: list[str] = []
        self._problems: list[FieldProblem] = []

    def value(self, name: str, read: Callable[[str], T]) -> T | None:
        self._known.append(name)
        given = self._rest.pop(name, ())
        if not given:
            return None
        try:
            return read(_single(given))
        except _BadParameterError as error:
            self._problems.append(FieldProblem(field=name, problem=str(error)))
            return None

    def finish(self) -> None:
        known = ", ".join(self._known)
        for name in self._rest:
            problem = f"is not a parameter here; the parameters are {known}"
            self._problems.append(FieldProblem(field=clipped(name), problem=problem))
        if self._problems:
            raise invalid(self._problems)


def _single(given: tuple[str, ...]) -> str:
    if len(given) > 1:
        raise _BadParameterError(f"is given {len(given)} times; give it once")
    return given[0]


def _status(text: str) -> OrderStatus:
    try:
        return OrderStatus(text)
    except ValueError:
        raise _BadParameterError(f"must be one of {', '.join(sorted(OrderStatus))}, got {quoted(text)}") from None


def _limit(text: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= MAX_PAGE:
        raise _BadParameterError(f"must be a whole number from 1 to {MAX_PAGE}, got {quoted(text)}")
    return int(text)


def _position(text: str) -> PagePosition:
    """What `cursor` made, to the letter; anything else, however it came about, is refused in the same words."""
    try:
        if not re.fullmatch(CURSOR, text):
            raise ValueError
        moment, order_id = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(" ")
        position = PagePosition(placed_at=datetime.fromisoformat(moment), order_id=order_id)
        # In another time zone the first and the last day of all time cannot be told in UTC.
        is_utc = position.placed_at.utcoffset() == timedelta()
        if not (is_utc and re.fullmatch(ORDER_ID, order_id) and cursor(position) == text):
            raise ValueError
    except ValueError:
        raise _BadParameterError(
            "is not a cursor of ours; send the next_cursor of the page before, unchanged"
        ) from None
    return position
