"""The clean-up, called as the Functions host calls it when it is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.azure.worker import InvocationFailedError
from tests.e2e.api import Api
from tests.e2e.azure.operating import Operator
from tests.e2e.azure.world.access import QUERY
from tests.engine.systems import until
from tests.unit.functions.orders import placed

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("kind", ["consumption"], indirect=True)]


def test_an_order_that_nothing_happened_to_expires(api: Api, operator: Operator) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with operator.consuming_nothing("fulfil"):
        stale, events = placed(tenant="ours", at=long_ago)
        operator.add(stale, events)
        queue = operator.queue("fulfil")
        until(lambda: any(stale.order_id.encode() in each.body for each in queue.bus.held(queue.id)))
        assert api.order(stale.order_id)["status"] == "PLACED"
        operator.run_schedule("cleanup")
    assert api.order(stale.order_id)["status"] == "EXPIRED"
    until(lambda: operator.runs(stale.order_id) == ["Completed"])
    assert api.order(stale.order_id)["status"] == "EXPIRED"


def test_a_clean_up_that_fails_is_told_to_the_host_and_the_next_one_goes_through(operator: Operator) -> None:
    with operator.denied(operator.principal("cleanup"), QUERY), pytest.raises(InvocationFailedError, match="lacks"):
        operator.run_schedule("cleanup")
    operator.run_schedule("cleanup")
