"""The parallel part of the saga: three functions change one order at a time, on the store that they share."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from functions.domain.events import EventType
from functions.domain.order import Change, Order
from functions.services.order_changes import Decide, OrderChanges
from tests.conformance.local_target import open_local
from tests.unit.functions.orders import placed

STEPS = (EventType.STOCK_COMMITTED, EventType.CONFIRMATION_SENT, EventType.WAREHOUSE_NOTIFIED)
ROUNDS = 60


def record(type_: EventType) -> Decide:
    def decide(order: Order, now: datetime) -> Change:
        return order.record(type_, now)

    return decide


def test_three_writers_of_one_order_all_get_through(tmp_path: Path) -> None:
    with open_local(tmp_path) as target, ThreadPoolExecutor(len(STEPS)) as pool:
        changes = OrderChanges(orders=target.orders, clock=target.clock)
        together = threading.Barrier(len(STEPS), timeout=10)

        def step(order: Order, type_: EventType) -> None:
            together.wait()
            changes.apply(order.tenant, order.order_id, record(type_))

        for _ in range(ROUNDS):
            order = target.orders.add(*placed(), None)
            writers = [pool.submit(step, order, type_) for type_ in STEPS]
            for writer in writers:
                writer.result(10)
            recorded = {event.type for event in target.orders.timeline(order.tenant, order.order_id)}
            assert recorded >= set(STEPS)
