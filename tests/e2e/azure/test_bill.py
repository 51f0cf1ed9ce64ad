"""The billable calls of an order, which `make cost` prices."""

from __future__ import annotations

import os

import pytest

from benchmarks.cost.azure.bill import RUN
from benchmarks.cost.azure.pricing import COUNTED
from tests.e2e.api import Api
from tests.e2e.azure.bill import RECORDED, counted
from tests.e2e.azure.operating import Operator
from tests.e2e.counted import apart

pytestmark = pytest.mark.e2e

ALWAYS = ("api requests", "runs", "task calls", "activities", "blobs written", "event operations", "queue calls")
"""What chance has no part in: no two branches of a run meet in it."""


def test_an_order_asks_of_azure_what_was_recorded(api: Api, operator: Operator, kind: str) -> None:
    """Whatever answers, and give or take what meets by chance. WRITE_AZURE_CALLS=1 records it anew."""
    counts = counted(api, operator, orders=2)
    assert set(counts) == set(COUNTED) == set(RECORDED.counted)
    assert [what for what in COUNTED if not counts[what]] == [], "what was not counted is priced as nothing"
    if os.environ.get("WRITE_AZURE_CALLS") and kind == RUN:
        RECORDED.write(RUN, counts)
    recorded = RECORDED.of(RUN)
    assert {what: counts[what] for what in ALWAYS} == {what: recorded[what] for what in ALWAYS}
    assert apart(counts, recorded, COUNTED) == {}
