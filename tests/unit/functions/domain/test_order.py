"""What may happen to an order, and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from functions.domain.errors import NotCancellableError, NotOpenError, OrderError, RejectedError
from functions.domain.events import Event, EventType
from functions.domain.order import Change, Line, Order, OrderStatus, ShopRules, apply, replay
from tests.unit.functions.orders import CUPS, NOON, TEAPOTS, an_order, placed

RULES = ShopRules(currencies=frozenset({"EUR", "GBP"}), max_total_minor=5000)
LATER = NOON + timedelta(seconds=1)
STEPS: dict[str, Callable[[Order], Change]] = {
    "reserve": lambda order: order.reserve(LATER),
    "start_payment": lambda order: order.start_payment(LATER),
    "pay": lambda order: order.pay("pay_1", LATER),
    "fulfil": lambda order: order.fulfil(LATER),
    "cancel": lambda order: order.cancel(LATER),
    "fail": lambda order: order.end(EventType.FAILED, "declined", LATER),
    "reject": lambda order: order.end(EventType.REJECTED, "too dear", LATER),
    "expire": lambda order: order.expire("too old", LATER),
    "decline": lambda order: order.decline("no money", LATER),
    "confirm": lambda order: order.deliver(EventType.CONFIRMATION_SENT, LATER),
    "release": lambda order: order.record(EventType.RELEASED, LATER),
    "refund": lambda order: order.record(EventType.REFUNDED, LATER),
}


def after(steps: str) -> Order:
    order = an_order()
    for step in steps.split():
        order, _ = STEPS[step](order)
    return order


def types(events: Sequence[Event]) -> list[EventType]:
    return [event.type for event in events]


def test_an_order_begins_placed_with_an_event_that_says_all_of_it() -> None:
    order, (event,) = placed(TEAPOTS, CUPS)
    assert (order.status, order.version, order.total_minor) == (OrderStatus.PLACED, 1, 2 * 1999 + 6 * 350)
    assert replay([event]) == order
    assert (event.total_minor, event.currency) == (order.total_minor, "EUR")


def test_a_good_order_goes_through_to_its_fulfilment() -> None:
    order = after("reserve start_payment pay fulfil")
    assert (order.status, order.version, order.updated_at) == (OrderStatus.FULFILLED, 5, LATER)


@pytest.mark.parametrize("step", ["reserve", "start_payment", "pay", "fulfil", "cancel"])
def test_a_step_that_happened_already_adds_nothing(step: str) -> None:
    before = {"reserve": "", "start_payment": "reserve", "pay": "reserve start_payment", "cancel": "reserve"}
    order = after(f"{before.get(step, 'reserve start_payment pay')} {step}")
    assert STEPS[step](order) == (order, ())


@pytest.mark.parametrize("earlier", ["reserve", "start_payment", "pay"])
def test_a_step_that_comes_again_after_the_next_ones_adds_nothing(earlier: str) -> None:
    order = after("reserve start_payment pay fulfil")
    assert STEPS[earlier](order) == (order, ())


@pytest.mark.parametrize(
    ("history", "step"),
    [
        ("", "start_payment"),
        ("", "pay"),
        ("", "fulfil"),
        ("", "confirm"),
        ("reserve", "pay"),
        ("reserve", "fulfil"),
        ("reserve start_payment", "fulfil"),
        ("reserve start_payment", "confirm"),
        *(
            (end, step)
            for end in ("cancel", "fail", "reject", "expire")
            for step in ("reserve", "start_payment", "pay")
        ),
        *((f"reserve {end}", step) for end in ("cancel", "fail") for step in ("start_payment", "fulfil", "confirm")),
    ],
)
def test_a_step_out_of_turn_is_refused(history: str, step: str) -> None:
    order = after(history)
    with pytest.raises(NotOpenError, match=order.order_id):
        STEPS[step](order)


def test_an_order_is_cancellable_until_its_payment_begins() -> None:
    for history in ("", "reserve"):
        assert after(history).is_cancellable
        assert after(f"{history} cancel").status is OrderStatus.CANCELLED
    for history in ("reserve start_payment", "reserve start_payment pay", "reserve start_payment pay fulfil", "fail"):
        order = after(history)
        assert not order.is_cancellable
        with pytest.raises(NotCancellableError, match=order.order_id):
            order.cancel(LATER)


@pytest.mark.parametrize("end", ["fulfil", "cancel", "fail", "reject", "expire"])
def test_an_order_that_has_ended_keeps_its_end_and_its_reason(end: str) -> None:
    order = after("reserve start_payment pay fulfil" if end == "fulfil" else end)
    assert order.status.is_end
    for other in ("fail", "reject", "expire"):
        assert STEPS[other](order) == (order, ())


def test_only_an_order_that_nothing_happened_to_expires() -> None:
    assert after("expire").status is OrderStatus.EXPIRED
    for history in ("reserve", "reserve start_payment", "reserve start_payment pay"):
        order = after(history)
        assert order.expire("too old", LATER) == (order, ())


def test_the_reason_is_why_the_order_ended_and_nothing_else() -> None:
    assert after("reserve start_payment decline").reason is None
    failed = after("reserve start_payment decline fail")
    assert failed.reason == "declined"
    told, _ = failed.record(EventType.REFUNDED, LATER, {"reason": "another"})
    assert told.reason == "declined"


def test_facts_follow_an_orders_end_without_changing_it() -> None:
    order = after("reserve cancel")
    released, events = order.record(EventType.RELEASED, LATER)
    assert (released.status, types(events), released.version) == (OrderStatus.CANCELLED, [EventType.RELEASED], 4)


def test_a_fact_is_recorded_once_and_a_failed_compensation_once_for_each_step() -> None:
    order = after("reserve cancel release")
    assert order.record(EventType.RELEASED, LATER) == (order, ())
    failures = 0
    for step in ("process-payment", "reserve-inventory", "process-payment"):
        order, events = order.record(EventType.COMPENSATION_FAILED, LATER, {"step": step})
        failures += len(events)
    assert failures == 2


@pytest.mark.parametrize(
    ("history", "undo", "late"),
    [
        ("", EventType.RELEASED, lambda order: order.reserve(LATER)),
        ("reserve start_payment", EventType.REFUNDED, lambda order: order.pay("pay_1", LATER)),
        *(
            ("reserve start_payment pay", undo, lambda order, fact=fact: order.deliver(fact, LATER))
            for fact, undo in (
                (EventType.STOCK_COMMITTED, EventType.RESTOCKED),
                (EventType.WAREHOUSE_NOTIFIED, EventType.SHIPMENT_CANCELLED),
            )
        ),
    ],
)
def test_what_was_undone_cannot_happen_later(history: str, undo: EventType, late: Callable[[Order], Change]) -> None:
    undone, _ = after(history).record(undo, LATER)
    with pytest.raises(NotOpenError, match=undo):
        late(undone)


@pytest.mark.parametrize("type_", [EventType.PAID, EventType.FAILED, EventType.CANCELLED, EventType.PLACED])
def test_a_change_of_status_cannot_be_smuggled_in_as_a_fact(type_: EventType) -> None:
    with pytest.raises(ValueError, match=type_):
        an_order().record(type_, LATER)


@pytest.mark.parametrize("type_", [EventType.FULFILLED, EventType.CANCELLED, EventType.EXPIRED, EventType.REFUNDED])
def test_an_order_is_ended_from_outside_only_by_rejection_or_failure(type_: EventType) -> None:
    with pytest.raises(ValueError, match=type_):
        an_order().end(type_, "why", LATER)


def test_a_decline_is_recorded_only_while_the_payment_is_waited_for() -> None:
    assert EventType.PAYMENT_DECLINED in after("reserve start_payment decline").happened
    for history in ("", "reserve", "reserve start_payment pay", "reserve start_payment fail"):
        order = after(history)
        assert order.decline("no money", LATER) == (order, ())


@pytest.mark.parametrize(
    ("line", "currency", "words"),
    [
        (Line(sku="TEAPOT", quantity=1, unit_price_minor=5001), "EUR", "5001.*5000"),
        (TEAPOTS, "CHF", "CHF.*EUR, GBP"),
    ],
)
def test_an_order_that_the_shop_does_not_sell_is_refused_with_the_reason(line: Line, currency: str, words: str) -> None:
    order, _ = placed(line, currency=currency)
    with pytest.raises(RejectedError, match=words):
        order.check(RULES)


def test_an_order_at_the_limit_passes_and_one_that_has_ended_does_not() -> None:
    order, _ = placed(Line(sku="TEAPOT", quantity=1, unit_price_minor=5000), currency="GBP")
    order.check(RULES)
    cancelled, _ = order.cancel(LATER)
    with pytest.raises(NotOpenError, match="CANCELLED"):
        cancelled.check(RULES)


def test_events_apply_in_order_without_a_gap() -> None:
    order, (first,) = placed()
    reserved, (second,) = order.reserve(LATER)
    _, (third,) = reserved.cancel(LATER)
    for wrong in (first, third):
        with pytest.raises(ValueError, match=wrong.id):
            apply(order, wrong)
    with pytest.raises(ValueError, match=second.id):
        replay([second, third])


def test_every_error_has_a_code_of_its_own() -> None:
    def below(kind: type[OrderError]) -> list[type[OrderError]]:
        return [kind, *(leaf for child in kind.__subclasses__() for leaf in below(child))]

    ours = [kind for kind in below(OrderError) if kind.__module__ == OrderError.__module__]
    assert len({kind.code for kind in ours}) == len(ours) >= 11
