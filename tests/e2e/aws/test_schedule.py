"""The clean-up, called as EventBridge Scheduler calls it: with the input of the deployed schedule, by its target."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from functions.adapters.aws.orders import DynamoOrders
from functions.adapters.aws.table import Table
from tests.e2e.api import Api
from tests.e2e.aws.operating import Operator, name
from tests.engine.systems import until
from tests.unit.functions.orders import placed

pytestmark = pytest.mark.e2e


def test_an_order_that_nothing_happened_to_expires(api: Api, operator: Operator) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with operator.denied("fulfil", "states:StartExecution"):
        stale, events = placed(tenant="ours", at=long_ago)
        orders(operator).add(stale, events, None)
        run(operator, "cleanup")
        until(lambda: api.order(stale.order_id)["status"] == "EXPIRED")


def orders(operator: Operator) -> DynamoOrders:
    """In the system's table, with the account's own credentials."""
    table = Table(operator.client("dynamodb"), name("database", "orders"))
    return DynamoOrders(table, lambda _: nullcontext())


def run(operator: Operator, component: str) -> None:
    schedule = operator.client("scheduler").get_schedule(
        GroupName=name("schedule_group", component), Name=name("schedule", component)
    )
    target = schedule["Target"]
    operator.client("lambda").invoke(
        FunctionName=target["Arn"], InvocationType="Event", Payload=target.get("Input", "{}").encode()
    )
