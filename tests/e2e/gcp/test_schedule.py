"""The clean-up, called as Cloud Scheduler calls it: what the deployed job says, in the job's own account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from functions.adapters.gcp.documents import Documents
from functions.adapters.gcp.orders import FirestoreOrders
from tests.e2e.api import Api
from tests.e2e.gcp.operating import Operator
from tests.e2e.gcp.world.access import START
from tests.engine.systems import until
from tests.unit.functions.orders import placed

pytestmark = pytest.mark.e2e


def test_an_order_that_nothing_happened_to_expires(api: Api, operator: Operator) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    queue = operator.queue("fulfil")
    with operator.denied(operator.account("fulfil"), START):
        stale, events = placed(tenant="ours", at=long_ago)
        FirestoreOrders(Documents(operator.firestore)).add(stale, events, None)
        until(lambda: bool(queue.take_dead()))
        assert api.order(stale.order_id)["status"] == "PLACED"
        assert operator.run_schedule("cleanup").status == 204
    assert api.order(stale.order_id)["status"] == "EXPIRED"
