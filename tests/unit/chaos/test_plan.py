"""The orders that are drawn: the same for the same seed, of every kind, and never more than there is stock for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from random import Random

from chaos.plan import ARTICLES, INITIAL_UNITS, KINDS, SCARCE, Planned, draw


def plan(seed: int, orders: int) -> Sequence[Planned]:
    return draw(Random(seed), orders)  # noqa: S311 -- it has to be repeatable


def test_the_same_seed_draws_the_same_orders_and_another_one_others() -> None:
    assert plan(1, 50) == plan(1, 50)
    assert plan(1, 50) != plan(2, 50)


def test_of_many_orders_every_kind_is_among_them_and_each_has_a_key_of_its_own() -> None:
    drawn = plan(1, 1000)
    assert {planned.kind for planned in drawn} == KINDS.keys()
    assert len({planned.key for planned in drawn}) == 1000


def test_of_a_thousand_orders_the_scarce_article_alone_runs_out() -> None:
    units = Counter[str]()
    for planned in plan(1, 1000):
        units.update(dict(planned.units))
    assert units[SCARCE] > INITIAL_UNITS
    assert all(0 < units[sku] < INITIAL_UNITS for sku in ARTICLES)


def test_an_order_is_sent_as_the_api_takes_it() -> None:
    planned = plan(1, 1)[0]
    body = json.loads(planned.body(method="sandbox-slow"))
    assert body.keys() == {"currency", "payment_method", "items"}
    assert body["payment_method"] == "sandbox-slow"
    assert sum(item["quantity"] * item["unit_price_minor"] for item in body["items"]) == planned.total_minor
