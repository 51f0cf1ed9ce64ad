"""Whatever is asked of an order, in whatever sequence, its history stays one that could have happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from functions.domain.errors import PermanentError
from functions.domain.events import Event, EventType
from functions.domain.order import Change, Order, OrderStatus, replay
from tests.unit.functions.orders import CUPS, NOON, TEAPOTS, placed

ENDS = {
    EventType.FULFILLED: OrderStatus.FULFILLED,
    EventType.REJECTED: OrderStatus.REJECTED,
    EventType.FAILED: OrderStatus.FAILED,
    EventType.CANCELLED: OrderStatus.CANCELLED,
    EventType.EXPIRED: OrderStatus.EXPIRED,
}
DELIVERIES = [EventType.STOCK_COMMITTED, EventType.CONFIRMATION_SENT, EventType.WAREHOUSE_NOTIFIED]
FACTS = [EventType.RELEASED, EventType.REFUNDED, EventType.RESTOCKED, EventType.SHIPMENT_CANCELLED]
NEEDS = {
    EventType.PAYMENT_STARTED: EventType.RESERVED,
    EventType.PAID: EventType.PAYMENT_STARTED,
    EventType.FULFILLED: EventType.PAID,
    **dict.fromkeys(DELIVERIES, EventType.PAID),
}
UNDOES = {
    EventType.RELEASED: EventType.RESERVED,
    EventType.REFUNDED: EventType.PAID,
    EventType.RESTOCKED: EventType.STOCK_COMMITTED,
    EventType.SHIPMENT_CANCELLED: EventType.WAREHOUSE_NOTIFIED,
}


class OrderMachine(RuleBasedStateMachine):
    order: Order
    events: tuple[Event, ...]
    end: OrderStatus | None = None

    @initialize()
    def begin(self) -> None:
        self.order, self.events = placed(TEAPOTS, CUPS)

    @rule()
    def reserve(self) -> None:
        self.ask(lambda order, now: order.reserve(now))

    @rule()
    def start_payment(self) -> None:
        self.ask(lambda order, now: order.start_payment(now))

    @rule(payment_id=st.sampled_from(["pay_1", "pay_2"]))
    def pay(self, payment_id: str) -> None:
        self.ask(lambda order, now: order.pay(payment_id, now))

    @rule()
    def decline(self) -> None:
        self.ask(lambda order, now: order.decline("no money", now))

    @rule()
    def fulfil(self) -> None:
        self.ask(lambda order, now: order.fulfil(now))

    @rule()
    def cancel(self) -> None:
        self.ask(lambda order, now: order.cancel(now))

    @rule()
    def expire(self) -> None:
        self.ask(lambda order, now: order.expire("too old", now))

    @rule(how=st.sampled_from([EventType.REJECTED, EventType.FAILED]))
    def finish(self, how: EventType) -> None:
        self.ask(lambda order, now: order.end(how, "why", now))

    @rule(fact=st.sampled_from(DELIVERIES))
    def deliver(self, fact: EventType) -> None:
        self.ask(lambda order, now: order.deliver(fact, now))

    @rule(fact=st.sampled_from(FACTS))
    def record(self, fact: EventType) -> None:
        self.ask(lambda order, now: order.record(fact, now))

    @rule(step=st.sampled_from(["process-payment", "restock"]))
    def fail_to_compensate(self, step: str) -> None:
        self.ask(lambda order, now: order.record(EventType.COMPENSATION_FAILED, now, {"step": step}))

    def ask(self, change: Callable[[Order, datetime], Change]) -> None:
        now = NOON + timedelta(seconds=len(self.events))
        try:
            self.order, events = change(self.order, now)
        except PermanentError:
            return
        self.events += events
        if self.end is None and self.order.status.is_end:
            self.end = self.order.status

    @invariant()
    def versions_count_from_one_without_a_gap(self) -> None:
        assert [event.version for event in self.events] == list(range(1, len(self.events) + 1))
        assert self.order.version == len(self.events)

    @invariant()
    def the_state_is_the_fold_of_the_events(self) -> None:
        assert replay(self.events) == self.order

    @invariant()
    def an_order_ends_once(self) -> None:
        ends = [ENDS[event.type] for event in self.events if event.type in ENDS]
        assert len(ends) <= 1
        assert self.order.status == (ends[0] if ends else self.order.status)
        assert self.end == (ends[0] if ends else None)

    @invariant()
    def nothing_happens_twice(self) -> None:
        told = Counter((event.type, event.details.get("step")) for event in self.events)
        assert set(told.values()) == {1}

    @invariant()
    def everything_has_what_it_needs_before_it(self) -> None:
        seen: set[EventType] = set()
        for event in self.events:
            assert NEEDS.get(event.type, EventType.PLACED) in seen | {EventType.PLACED}
            assert not {undo for undo, done in UNDOES.items() if done is event.type} & seen
            seen.add(event.type)

    @invariant()
    def money_in_motion_is_never_cancelled_or_expired(self) -> None:
        if self.order.payment_started:
            assert self.order.status not in (OrderStatus.CANCELLED, OrderStatus.EXPIRED)
            assert not self.order.is_cancellable


OrderMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestOrderMachine = OrderMachine.TestCase
