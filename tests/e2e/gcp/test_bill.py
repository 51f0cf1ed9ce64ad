"""The billable calls of an order, which `make cost` prices."""

from __future__ import annotations

import os

import pytest

from benchmarks.cost.gcp.bill import RUN
from benchmarks.cost.gcp.pricing import COUNTED
from tests.e2e.api import Api
from tests.e2e.counted import CHANCE
from tests.e2e.gcp.bill import RECORDED, counted
from tests.e2e.gcp.system import GcpSystem

pytestmark = pytest.mark.e2e

ALWAYS = ("internal workflow steps", "workflow tasks", "objects written")
"""What chance has no part in: no two branches of a run meet in it."""
NOTHING_OF_IT = frozenset({"external workflow steps"})
"""An order has none: every task is at an address of Google's."""


def test_an_order_asks_no_more_of_google_than_the_recorded_count(api: Api, system: GcpSystem, kind: str) -> None:
    """Whatever answers, and give or take what meets by chance. WRITE_GCP_CALLS=1 records it anew, behind a gateway."""
    counts = counted(api, system.world, orders=2)
    assert {what for what in COUNTED if not counts[what]} == NOTHING_OF_IT, "what was not counted is priced as nothing"
    if os.environ.get("WRITE_GCP_CALLS") and kind == RUN:
        RECORDED.write(RUN, counts)
    recorded = RECORDED.of(RUN)
    assert {what: counts[what] for what in ALWAYS} == {what: recorded[what] for what in ALWAYS}
    assert {what: (counts[what], recorded[what]) for what in COUNTED if counts[what] > CHANCE * recorded[what]} == {}
