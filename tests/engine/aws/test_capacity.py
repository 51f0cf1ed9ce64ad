"""Capacity that autoscaling has set is left as it is by whatever `pulumi up` does to the table."""

from __future__ import annotations

import pytest

from components.assembly import Assembly
from components.database import Database, DatabaseArgs
from tests.engine.simulated.account import Account
from tests.engine.systems import IGNORED_LEAK, Program, Raw
from tests.graph import config

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]


def orders(*, minimum: int, recoverable: bool = False) -> Program:
    def program(_: str) -> None:
        block = {
            "region": "eu-central-1",
            "account": "123456789012",
            "database_capacity": {"minimum": minimum, "maximum": 40},
        }
        assembly = Assembly("orderly", config=config("aws", aws=block), transforms={}, parent=None)
        args = DatabaseArgs(deletion_protection=False, point_in_time_recovery=recoverable)
        assembly.make(Database, "orders", args)
        assembly.finish()

    return program


def table(account: Account) -> str:
    (key,) = [key for key in account.resources() if key.startswith("aws:dynamodb/table:Table")]
    return key


def capacities(account: Account) -> list[tuple[int, int]]:
    """Of the table and of each index, for reads and for writes."""
    inputs = account.resources()[table(account)]["inputs"]
    return [(scaled["readCapacity"], scaled["writeCapacity"]) for scaled in (inputs, *inputs["globalSecondaryIndexes"])]


def test_a_change_reaches_what_scales_and_leaves_capacity_as_it_was_scaled(stack: Raw, account: Account) -> None:
    stack.up(orders(minimum=3))
    key = table(account)
    assert capacities(account) == [(3, 3)] * 3
    indexes = account.resources()[key]["inputs"]["globalSecondaryIndexes"]
    busy = {"readCapacity": 30, "writeCapacity": 30}
    account.drift(key, **busy, globalSecondaryIndexes=[{**index, **busy} for index in indexes])
    stack.refresh()
    assert stack.up(orders(minimum=5, recoverable=True)) == {"update": 7}
    assert capacities(account) == [(30, 30)] * 3
    assert account.resources()[key]["inputs"]["pointInTimeRecovery"]["enabled"] is True
