"""The order saga through its tasks: whatever fails wherever, nothing is lost, taken twice or left half done."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.saga.decider import Call, Ended, Outcome, Phase
from components.saga.order import ORDER_SAGA
from functions.domain.errors import NotOpenError, PaymentDeclinedError, PermanentError, RetryableError
from functions.domain.events import EventType
from functions.domain.order import Line, Order, OrderStatus, replay
from functions.services.saga_tasks import InventoryTasks, PaymentTasks, SagaCall, UnknownTaskError, perform
from tests.unit.functions.orders import CUPS, NOON, TEAPOTS
from tests.unit.functions.services.saga_shop import Attempt, Fault, Faults, SagaRun, Shop, attempts

STEPS = {step.name: step for step in ORDER_SAGA.steps()}
COMPENSATED = [name for name, step in STEPS.items() if step.compensation]
AMBIGUOUS = [Fault.BEFORE, Fault.AFTER, Fault.LATE]
UNDOES = {
    EventType.RELEASED: EventType.RESERVED,
    EventType.REFUNDED: EventType.PAID,
    EventType.RESTOCKED: EventType.STOCK_COMMITTED,
    EventType.SHIPMENT_CANCELLED: EventType.WAREHOUSE_NOTIFIED,
}


def fulfilled(faults: Faults, patience: int = 10_000) -> tuple[Shop, Ended]:
    """A good order's saga with these faults."""
    shop = Shop()
    shop.place(TEAPOTS, CUPS)
    return shop, SagaRun(shop, faults, patience).run()


def check_books(shop: Shop) -> None:
    """What the world holds is what the order's end says, and the timeline is one that could have happened."""
    order, timeline = shop.order(), shop.timeline()
    done = order.status is OrderStatus.FULFILLED
    assert (shop.money_taken(), shop.held(), shop.is_shipping()) == (int(done), TEAPOTS.quantity * done, done)
    assert replay(timeline) == order
    assert [event.version for event in timeline] == list(range(1, order.version + 1))
    told = [(event.type, event.details.get("step")) for event in timeline]
    assert len(set(told)) == len(told)
    positions = {event.type: event.version for event in timeline}
    for undo, fact in UNDOES.items():
        assert positions.get(fact, 0) < positions.get(undo, 99)


def test_every_task_of_the_saga_is_performed_by_one_function() -> None:
    groups = Shop().groups()
    assert sum(len(table) for table in groups.values()) == len(ORDER_SAGA.tasks())
    assert frozenset().union(*groups.values()) == ORDER_SAGA.tasks()


def test_a_task_that_is_not_among_its_own_is_refused_by_name() -> None:
    tasks = Shop().groups()["payment-tasks"]
    with pytest.raises(UnknownTaskError, match="restock is not performed here"):
        perform(tasks, "restock", SagaCall(key="k", tenant="acme", order_id="order"))


def test_the_result_that_a_task_gives_reaches_the_saga() -> None:
    call = SagaCall(key="k", tenant="acme", order_id="order")
    assert perform({"check": lambda _: "suspicious"}, "check", call) == "suspicious"
    assert perform({"check": lambda _: None}, "check", call) == ""


def test_a_good_order_is_fulfilled_and_its_customer_told_once() -> None:
    shop, ended = fulfilled({})
    assert ended.outcome is Outcome.SUCCEEDED
    assert shop.told()[:4] == [EventType.PLACED, EventType.RESERVED, EventType.PAYMENT_STARTED, EventType.PAID]
    assert set(shop.told()[4:7]) == {
        EventType.STOCK_COMMITTED,
        EventType.CONFIRMATION_SENT,
        EventType.WAREHOUSE_NOTIFIED,
    }
    assert shop.told()[7:] == [EventType.FULFILLED]
    assert len(shop.customer.inbox) == 1
    check_books(shop)


@pytest.mark.parametrize("fault", [Fault.BEFORE, Fault.AFTER, Fault.TWICE, Fault.LATE])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_fails_and_then_succeeds_leaves_no_mark(step: str, fault: Fault) -> None:
    shop, ended = fulfilled({(Phase.DO, step, 1): fault})
    untouched, _ = fulfilled({})
    assert ended.outcome is Outcome.SUCCEEDED
    assert sorted(shop.told()) == sorted(untouched.told())
    assert len(shop.customer.inbox) == 1
    check_books(shop)


@pytest.mark.parametrize("patience", [1, 2, 3, 10_000])
@pytest.mark.parametrize("fault", [Fault.REFUSED, *AMBIGUOUS])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_fails_for_good_leaves_nothing_behind(step: str, fault: Fault, patience: int) -> None:
    shop, ended = fulfilled(dict(attempts(Phase.DO, step, fault, STEPS[step].retry.attempts)), patience)
    rejected = step == "validate-order" and fault is Fault.REFUSED
    assert ended.outcome is (Outcome.REJECTED if rejected else Outcome.FAILED)
    if step != "complete-order":
        assert shop.order().status is (OrderStatus.REJECTED if rejected else OrderStatus.FAILED)
    check_books(shop)


@pytest.mark.parametrize("patience", [1, 2, 3, 4, 5, 6])
def test_an_order_that_is_completed_late_is_either_fulfilled_or_undone(patience: int) -> None:
    nine = dict(attempts(Phase.DO, "complete-order", Fault.BEFORE, 9))
    shop, ended = fulfilled({**nine, (Phase.DO, "complete-order", 10): Fault.LATE}, patience)
    assert ended.outcome is Outcome.FAILED
    check_books(shop)


def test_an_order_that_was_fulfilled_is_not_undone_by_a_saga_that_has_not_heard_of_it() -> None:
    shop, ended = fulfilled(dict(attempts(Phase.DO, "complete-order", Fault.AFTER, 10)))
    assert (ended.outcome, shop.order().status) == (Outcome.FAILED, OrderStatus.FULFILLED)
    assert shop.told()[-1] is EventType.FULFILLED
    check_books(shop)


@pytest.mark.parametrize("fault", [Fault.BEFORE, Fault.AFTER, Fault.TWICE, Fault.LATE])
@pytest.mark.parametrize("step", COMPENSATED)
def test_a_compensation_that_fails_and_then_succeeds_undoes_it_once(step: str, fault: Fault) -> None:
    shop, ended = fulfilled(
        {**dict(attempts(Phase.DO, "complete-order", Fault.BEFORE, 10)), (Phase.UNDO, step, 1): fault}
    )
    assert (ended.outcome, ended.uncompensated) == (Outcome.FAILED, ())
    assert {EventType.RESTOCKED, EventType.REFUNDED, EventType.SHIPMENT_CANCELLED} <= set(shop.told())
    check_books(shop)


@pytest.mark.parametrize("step", COMPENSATED)
def test_a_compensation_that_never_succeeds_is_recorded_on_the_order_and_the_others_go_on(step: str) -> None:
    shop, ended = fulfilled(
        {
            **dict(attempts(Phase.DO, "complete-order", Fault.BEFORE, 10)),
            **dict(attempts(Phase.UNDO, step, Fault.BEFORE, 10)),
        }
    )
    assert ended.uncompensated == (step,)
    failed = [event for event in shop.timeline() if event.type is EventType.COMPENSATION_FAILED]
    assert [event.details["step"] for event in failed] == [step]
    assert shop.told()[-2:] == [EventType.COMPENSATION_FAILED, EventType.FAILED]


@pytest.mark.parametrize("end", ["reject-order", "fail-order"])
@pytest.mark.parametrize("fault", AMBIGUOUS)
def test_the_end_is_recorded_once_however_often_it_is_asked_for(end: str, fault: Fault) -> None:
    step = "validate-order" if end == "reject-order" else "process-payment"
    shop, _ = fulfilled({(Phase.DO, step, 1): Fault.REFUSED, (Phase.END, "end", 1): fault})
    assert len([type_ for type_ in shop.told() if type_ in (EventType.REJECTED, EventType.FAILED)]) == 1
    check_books(shop)


ATTEMPTS = st.tuples(st.sampled_from([Phase.DO, Phase.UNDO]), st.sampled_from(sorted(STEPS)), st.integers(1, 3))
FAULTS = st.dictionaries(ATTEMPTS, st.sampled_from(Fault), max_size=12)


@settings(max_examples=300, deadline=None)
@given(faults=FAULTS, patience=st.integers(1, 12))
def test_no_mixture_of_faults_loses_money_units_or_parcels(faults: dict[Attempt, Fault], patience: int) -> None:
    compensable = {attempt: fault for attempt, fault in faults.items() if not is_final_no(attempt, fault)}
    shop, ended = fulfilled(compensable, patience)
    assert ended.uncompensated == ()
    assert shop.order().status.is_end
    assert (ended.outcome is Outcome.SUCCEEDED) == (shop.order().status is OrderStatus.FULFILLED)
    check_books(shop)


UNHEARD = st.dictionaries(ATTEMPTS, st.sampled_from([*AMBIGUOUS, Fault.TWICE]), max_size=12)


@settings(max_examples=300, deadline=None)
@given(faults=UNHEARD, others=UNHEARD, turns=st.lists(st.integers(0, 12), max_size=30))
def test_two_runs_of_one_order_lose_nothing_either(
    faults: dict[Attempt, Fault], others: dict[Attempt, Fault], turns: list[int]
) -> None:
    """While one is about to store what it did, the other takes some turns."""
    shop = Shop()
    shop.place(TEAPOTS, CUPS)
    one, other = SagaRun(shop, faults), SagaRun(shop, others)

    def meanwhile(about_to_be: Order) -> None:
        shop.orders.before_append = lambda _: None
        for _ in range(turns.pop() if turns else 0):
            other.turn()
        shop.orders.before_append = meanwhile

    shop.orders.before_append = meanwhile
    one.run()
    other.run()
    assert shop.order().status.is_end
    check_books(shop)


@pytest.mark.parametrize("undo", [EventType.UNDOING_STARTED, *UNDOES])
def test_an_order_that_one_run_undoes_is_not_completed_by_another(undo: EventType) -> None:
    shop = Shop()
    shop.place(TEAPOTS, CUPS)
    late, hasty = SagaRun(shop), SagaRun(shop, dict(attempts(Phase.DO, "complete-order", Fault.BEFORE, 10)))
    while shop.told()[-1:] != [EventType.WAREHOUSE_NOTIFIED]:
        late.turn()

    def complete(about_to_be: Order) -> None:
        if undo in about_to_be.happened - shop.order().happened:
            shop.orders.before_append = lambda _: None
            late.run()

    shop.orders.before_append = complete
    hasty.run()
    late.run()
    check_books(shop)
    assert shop.order().status is (OrderStatus.FULFILLED if undo is EventType.UNDOING_STARTED else OrderStatus.FAILED)


def is_final_no(attempt: Attempt, fault: Fault) -> bool:
    """A compensation that says no is recorded, as other tests hold; and completing is ours: once done, it says yes."""
    phase, step, number = attempt
    return fault is Fault.REFUSED and (phase is Phase.UNDO or (step == "complete-order" and number > 1))


@pytest.mark.parametrize(
    ("line", "method", "currency", "status", "reason"),
    [
        (TEAPOTS, "sandbox-approve", "CHF", OrderStatus.REJECTED, "CHF"),
        (TEAPOTS, "sandbox-decline", "EUR", OrderStatus.FAILED, "sandbox-decline was declined"),
        (TEAPOTS, "sandbox-outage", "EUR", OrderStatus.FAILED, "process-payment did not succeed"),
        (TEAPOTS, "sandbox-transient-3", "EUR", OrderStatus.FAILED, "process-payment did not succeed"),
        (
            Line(sku="TEAPOT", quantity=11, unit_price_minor=1),
            "sandbox-approve",
            "EUR",
            OrderStatus.FAILED,
            "TEAPOT is",
        ),
    ],
)
def test_an_order_that_cannot_be_fulfilled_ends_with_a_reason_its_customer_understands(
    line: Line, method: str, currency: str, status: OrderStatus, reason: str
) -> None:
    shop = Shop()
    shop.place(line, payment_method=method, currency=currency)
    SagaRun(shop).run()
    assert shop.order().status is status
    assert reason in (shop.order().reason or "")
    check_books(shop)


@pytest.mark.parametrize("method", ["sandbox-transient-2", "sandbox-slow"])
def test_a_payment_that_comes_through_at_last_is_taken_once(method: str) -> None:
    shop = Shop()
    shop.place(TEAPOTS, payment_method=method)
    SagaRun(shop).run()
    assert shop.order().status is OrderStatus.FULFILLED
    check_books(shop)


def test_a_parcel_that_cannot_be_shipped_undoes_all_that_was_done() -> None:
    shop = Shop()
    shop.place(TEAPOTS, Line(sku="SANDBOX-UNSHIPPABLE", quantity=1, unit_price_minor=1))
    SagaRun(shop).run()
    assert shop.told()[-3:] == [EventType.RESTOCKED, EventType.REFUNDED, EventType.FAILED]
    check_books(shop)


@pytest.mark.parametrize(("patience", "messages"), [(1, 1), (10_000, 0)])
def test_a_confirmation_that_comes_after_the_orders_end_is_not_sent(patience: int, messages: int) -> None:
    shop, ended = fulfilled(dict(attempts(Phase.DO, "send-confirmation", Fault.LATE, 3)), patience)
    assert ended.outcome is Outcome.FAILED
    assert len(shop.customer.inbox) == messages


def test_a_refund_is_told_only_when_money_went_back() -> None:
    declined, outage = Shop(), Shop()
    declined.place(TEAPOTS, payment_method="sandbox-decline")
    outage.place(TEAPOTS, payment_method="sandbox-outage")
    for shop in (declined, outage):
        SagaRun(shop).run()
        assert EventType.REFUNDED not in shop.told()
        assert EventType.RELEASED in shop.told()
    assert EventType.PAYMENT_DECLINED in declined.told()


@pytest.mark.parametrize("step", STEPS)
def test_a_customer_who_cancels_before_any_step_gets_what_the_order_says(step: str) -> None:
    shop = Shop()
    order = shop.place(TEAPOTS)

    def cancel(call: Call) -> None:
        if call.step == step and shop.order().is_cancellable:
            shop.changes.apply(order.tenant, order.order_id, lambda order, now: order.cancel(now))

    SagaRun(shop, before_call=cancel).run()
    in_time = list(STEPS).index(step) <= list(STEPS).index("process-payment")
    assert shop.order().status is (OrderStatus.CANCELLED if in_time else OrderStatus.FULFILLED)
    check_books(shop)


def test_a_customer_who_cancels_while_units_are_being_reserved_holds_none() -> None:
    shop = Shop()
    order = shop.place(TEAPOTS)

    def cancel(about_to_be: object) -> None:
        shop.orders.before_append = lambda _: None
        shop.changes.apply(order.tenant, order.order_id, lambda order, now: order.cancel(now))

    shop.orders.before_append = cancel
    SagaRun(shop).run()
    assert shop.told() == [EventType.PLACED, EventType.CANCELLED, EventType.RELEASED]
    check_books(shop)


class RefusingGateway:
    """Takes the money at the first attempt without saying so, and then refuses to talk."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def charge(self, *, key: str, order_id: str, amount_minor: int, currency: str, method: str) -> str:
        self.calls.append(key)
        raise RetryableError("silence") if len(self.calls) == 1 else PermanentError("bad request")

    def refund(self, *, key: str, charge_key: str) -> str | None:
        self.calls.append(f"{key} of {charge_key}")
        return "pay_1"


class SilentlyRefusingGateway(RefusingGateway):
    """Does not even say whether it gave the money back."""

    def refund(self, *, key: str, charge_key: str) -> str | None:
        raise PermanentError("forbidden")


def test_a_refusal_is_no_answer_while_it_is_open_whether_the_money_was_taken() -> None:
    shop = Shop()
    order = shop.place(TEAPOTS)
    shop.changes.apply("acme", order.order_id, lambda order, now: order.reserve(now))
    task = PaymentTasks(changes=shop.changes, payments=SilentlyRefusingGateway()).charge
    call = SagaCall(key="run:pay", tenant="acme", order_id=order.order_id)
    for why in ("silence", "whether the money was taken is not known: forbidden"):
        with pytest.raises(RetryableError, match=why):
            task(call)


def test_a_partner_that_refuses_after_it_may_have_taken_the_money_is_asked_to_give_it_back() -> None:
    shop, gateway = Shop(), RefusingGateway()
    order = shop.place(TEAPOTS)
    shop.changes.apply("acme", order.order_id, lambda order, now: order.reserve(now))
    task = PaymentTasks(changes=shop.changes, payments=gateway).charge
    call = SagaCall(key="run:pay", tenant="acme", order_id=order.order_id)
    for error in (RetryableError, PermanentError):
        with pytest.raises(error):
            task(call)
    assert gateway.calls == ["run:pay", "run:pay", "run:pay:undo of run:pay"]
    assert shop.told()[-1] is EventType.REFUNDED


def test_nothing_is_charged_for_an_order_that_was_cancelled() -> None:
    shop, gateway = Shop(), RefusingGateway()
    order = shop.place(TEAPOTS)
    shop.changes.apply("acme", order.order_id, lambda order, now: order.cancel(now))
    with pytest.raises(NotOpenError):
        PaymentTasks(changes=shop.changes, payments=gateway).charge(
            SagaCall(key="run:pay", tenant="acme", order_id=order.order_id)
        )
    assert gateway.calls == []


def test_the_order_cannot_be_cancelled_any_more_when_the_gateway_is_called() -> None:
    shop = Shop()
    order = shop.place(TEAPOTS, payment_method="sandbox-decline")
    shop.changes.apply("acme", order.order_id, lambda order, now: order.reserve(now))
    seen: list[bool] = []

    class Watching(RefusingGateway):
        def charge(self, *, key: str, order_id: str, amount_minor: int, currency: str, method: str) -> str:
            seen.append(shop.order().is_cancellable)
            raise PaymentDeclinedError("no money")

    with pytest.raises(PaymentDeclinedError):
        PaymentTasks(changes=shop.changes, payments=Watching()).charge(
            SagaCall(key="run:pay", tenant="acme", order_id=order.order_id)
        )
    assert seen == [False]
    assert shop.timeline()[-1].details == {"message": "no money"}


def test_units_that_came_back_are_told_to_have_gone_before() -> None:
    shop = Shop()
    order = shop.place(TEAPOTS)
    call = SagaCall(key="run:commit", tenant="acme", order_id=order.order_id)
    shop.stock.reserve(order.order_id, order.lines)
    shop.stock.commit(order.order_id)
    InventoryTasks(changes=shop.changes, inventory=shop.stock).restock(call)
    assert shop.told()[1:] == [EventType.STOCK_COMMITTED, EventType.RESTOCKED]
    assert {str(event.details) for event in shop.timeline()[1:]} == {"{'lines': [{'sku': 'TEAPOT', 'quantity': 2}]}"}
    assert shop.order().placed_at == NOON
