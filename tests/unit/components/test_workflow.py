"""The workflow's promise: every task of the saga has the function that performs it."""

from __future__ import annotations

import pytest

from components.database import Database, DatabaseArgs
from components.errors import WiringError
from components.function import Function
from components.saga.order import ORDER_SAGA
from components.targets import TargetName
from components.workflow import WorkflowArgs
from tests.graph import build, config
from tests.reading import Reading
from tests.unit.components.making import Make, function_args, made_alone


def test_every_task_of_the_order_saga_is_performed(target: TargetName, read: Reading) -> None:
    assert read.performers(build(config(target))) == {
        "validate-order": "order-tasks",
        "complete-order": "order-tasks",
        "reject-order": "order-tasks",
        "fail-order": "order-tasks",
        "reserve-inventory": "inventory-tasks",
        "release-inventory": "inventory-tasks",
        "commit-inventory": "inventory-tasks",
        "restock": "inventory-tasks",
        "process-payment": "payment-tasks",
        "refund-payment": "payment-tasks",
        "send-confirmation": "delivery-tasks",
        "notify-warehouse": "delivery-tasks",
        "cancel-shipment": "delivery-tasks",
    }


DATABASE = DatabaseArgs(deletion_protection=False, point_in_time_recovery=False)


def test_a_task_that_nobody_performs_is_refused(target: TargetName) -> None:
    def wire(make: Make) -> None:
        WorkflowArgs(saga=ORDER_SAGA, tasks={}, durability="standard", guard=make(Database, "orders", DATABASE))

    with pytest.raises(WiringError, match="workflow of saga order: no function performs cancel-shipment"):
        made_alone(target, wire)


def test_a_task_that_no_step_calls_is_refused(target: TargetName) -> None:
    def wire(make: Make) -> None:
        worker = make(Function, "worker", function_args())
        WorkflowArgs(
            saga=ORDER_SAGA,
            tasks=dict.fromkeys({*ORDER_SAGA.tasks(), "dance"}, worker),
            durability="standard",
            guard=make(Database, "orders", DATABASE),
        )

    with pytest.raises(WiringError, match="no step calls dance"):
        made_alone(target, wire)


def test_only_the_fulfilment_function_starts_orders(target: TargetName, read: Reading) -> None:
    graph = build(config(target))
    assert "start workflow/order" in read.grants(graph, "fulfil")
    assert read.variables(graph, "fulfil")["ORDERLY_WORKFLOW"] == "order"
