"""The billable calls of an order, which `make cost` prices."""

from __future__ import annotations

import os

import pytest

from benchmarks.cost.aws.pricing import COUNTED
from tests.e2e.api import Api
from tests.e2e.aws.bill import RECORDED, counted
from tests.e2e.aws.operating import Operator
from tests.e2e.counted import CHANCE

pytestmark = pytest.mark.e2e


def test_an_order_asks_no_more_of_aws_than_the_recorded_count(api: Api, operator: Operator, kind: str) -> None:
    """Give or take what shares a batch by chance. WRITE_AWS_CALLS=1 records it anew."""
    counts = counted(api, operator, orders=2)
    assert set(COUNTED) <= set(counts), "what was not counted would be priced as nothing"
    if os.environ.get("WRITE_AWS_CALLS"):
        RECORDED.write(kind, counts)
    recorded = RECORDED.of(kind)
    more = {key: (counts[key], recorded.get(key)) for key in counts if counts[key] > CHANCE * recorded.get(key, 0)}
    assert more == {}
