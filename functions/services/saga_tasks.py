"""What each task of the order saga does, grouped by the function that performs it: every group is a table of its tasks.

Tasks come again, also after they were done, also late, after their compensation. So each is idempotent by its key, and
the adapters refuse what lands after it was undone. A task that says no (a PermanentError) is not compensated: it leaves
nothing behind. One that fails otherwise is, once its attempts are used up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from functions.domain.errors import (
    NotOpenError,
    OutOfStockError,
    PaymentDeclinedError,
    PermanentError,
    RejectedError,
    RetryableError,
)
from functions.domain.events import Event, EventType, Json
from functions.domain.order import Change, Order, OrderStatus, ShopRules
from functions.ports import Customer, Inventory, PaymentGateway, Warehouse
from functions.services.order_changes import Decide, OrderChanges

UNDO = ":undo"
"""What a compensation's key ends with, after the key of the step that it undoes."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why the saga did not succeed."""

    step: str
    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class SagaCall:
    """One call of a task; the tasks that record the end also get the failure and what could not be undone."""

    key: str
    tenant: str
    order_id: str
    failure: Failure | None = None
    uncompensated: tuple[str, ...] = ()


class UnknownTaskError(PermanentError):
    """The saga asks a function for a task that is not among its own."""

    code = "unknown-task"


Task: TypeAlias = Callable[[SagaCall], str | None]
"""Returns its result, if a choice of the saga may ask for one."""
Tasks: TypeAlias = Mapping[str, Task]


def perform(tasks: Tasks, name: str, call: SagaCall) -> str:
    """Gives the task's result, or nothing. A PermanentError that it raises is a no; anything else may come again."""
    if name not in tasks:
        raise UnknownTaskError(f"task {name} is not performed here, only {', '.join(tasks)}: mend the wiring")
    return tasks[name](call) or ""


@dataclass(frozen=True, kw_only=True)
class OrderTasks:
    changes: OrderChanges
    rules: ShopRules

    def table(self) -> Tasks:
        return {
            "validate-order": self.validate,
            "complete-order": self.complete,
            "reject-order": self.reject,
            "fail-order": self.fail,
        }

    def validate(self, call: SagaCall) -> None:
        self.changes.orders.get(call.tenant, call.order_id).check(self.rules)

    def complete(self, call: SagaCall) -> None:
        _apply(self.changes, call, lambda order, now: order.fulfil(now))

    def reject(self, call: SagaCall) -> None:
        _apply(self.changes, call, _end(EventType.REJECTED, call))

    def fail(self, call: SagaCall) -> None:
        _apply(self.changes, call, _end(EventType.FAILED, call))


@dataclass(frozen=True, kw_only=True)
class InventoryTasks:
    changes: OrderChanges
    inventory: Inventory

    def table(self) -> Tasks:
        return {
            "reserve-inventory": self.reserve,
            "release-inventory": _undo(self.changes, self.release),
            "commit-inventory": self.commit,
            "restock": _undo(self.changes, self.restock),
        }

    def reserve(self, call: SagaCall) -> None:
        """An order that was cancelled meanwhile ends the step with a no, so what it holds is given back here."""
        order = self.changes.orders.get(call.tenant, call.order_id)
        try:
            self.inventory.reserve(order.order_id, order.lines)
            _apply(self.changes, call, lambda order, now: order.reserve(now))
        except NotOpenError:
            self.release(call)
            raise

    def release(self, call: SagaCall) -> None:
        if self.inventory.release(call.order_id):
            _apply(self.changes, call, lambda order, now: order.record(EventType.RELEASED, now))

    def commit(self, call: SagaCall) -> None:
        self.changes.check(call.tenant, call.order_id, _committed)
        self.inventory.commit(call.order_id)
        _apply(self.changes, call, _committed)

    def restock(self, call: SagaCall) -> None:
        if self.inventory.restock(call.order_id):
            _apply(self.changes, call, _restocked)


@dataclass(frozen=True, kw_only=True)
class PaymentTasks:
    changes: OrderChanges
    payments: PaymentGateway

    def table(self) -> Tasks:
        return {"process-payment": self.charge, "refund-payment": _undo(self.changes, self.refund)}

    def charge(self, call: SagaCall) -> None:
        order = _apply(self.changes, call, lambda order, now: order.start_payment(now))
        try:
            payment_id = self.payments.charge(
                key=call.key,
                order_id=order.order_id,
                amount_minor=order.total_minor,
                currency=order.currency,
                method=order.payment_method,
            )
            _apply(self.changes, call, lambda order, now: order.pay(payment_id, now))
        except PaymentDeclinedError as error:
            message = str(error)
            _apply(self.changes, call, lambda order, now: order.decline(message, now))
            raise
        except PermanentError:
            self._withdraw(call)
            raise

    def _withdraw(self, call: SagaCall) -> None:
        """An earlier attempt may have taken the money all the same; while that is open, the step has not said no."""
        try:
            self._give_back(call, charge_key=call.key)
        except PermanentError as error:
            raise RetryableError(f"whether the money was taken is not known: {error}") from error

    def refund(self, call: SagaCall) -> None:
        self._give_back(call, charge_key=call.key.removesuffix(UNDO))

    def _give_back(self, call: SagaCall, *, charge_key: str) -> None:
        payment_id = self.payments.refund(key=charge_key + UNDO, charge_key=charge_key)
        if payment_id is not None:
            details = {"payment_id": payment_id}
            _apply(self.changes, call, lambda order, now: order.record(EventType.REFUNDED, now, details))


@dataclass(frozen=True, kw_only=True)
class DeliveryTasks:
    changes: OrderChanges
    customer: Customer
    warehouse: Warehouse

    def table(self) -> Tasks:
        return {
            "send-confirmation": self.confirm,
            "notify-warehouse": self.ship,
            "cancel-shipment": _undo(self.changes, self.cancel_shipment),
        }

    def confirm(self, call: SagaCall) -> None:
        self.changes.check(call.tenant, call.order_id, _confirmed)
        self.customer.tell(
            key=call.key, tenant=call.tenant, order_id=call.order_id, subject="Your order is confirmed and paid"
        )
        _apply(self.changes, call, _confirmed)

    def ship(self, call: SagaCall) -> None:
        order = self.changes.check(call.tenant, call.order_id, _shipped)
        self.warehouse.ship(key=call.key, order_id=order.order_id, lines=order.lines)
        _apply(self.changes, call, _shipped)

    def cancel_shipment(self, call: SagaCall) -> None:
        if self.warehouse.cancel(key=call.key, order_id=call.order_id):
            _apply(self.changes, call, lambda order, now: order.record(EventType.SHIPMENT_CANCELLED, now))


def _undo(changes: OrderChanges, task: Task) -> Task:
    """A fulfilled order is never undone: the saga has only not heard of it, and nothing is left to compensate.

    Which comes first is settled on the order before anything is given back: a late attempt at completing it, or a
    second run, may come at any moment.
    """

    def undo(call: SagaCall) -> None:
        if _apply(changes, call, lambda order, now: order.start_undoing(now)).status is not OrderStatus.FULFILLED:
            task(call)

    return undo


def _apply(changes: OrderChanges, call: SagaCall, decide: Decide) -> Order:
    return changes.apply(call.tenant, call.order_id, decide)


def _committed(order: Order, now: datetime) -> Change:
    return order.deliver(EventType.STOCK_COMMITTED, now, _units(order))


def _confirmed(order: Order, now: datetime) -> Change:
    return order.deliver(EventType.CONFIRMATION_SENT, now)


def _shipped(order: Order, now: datetime) -> Change:
    return order.deliver(EventType.WAREHOUSE_NOTIFIED, now)


def _restocked(order: Order, now: datetime) -> Change:
    """The commit may have landed without its fact; what came back must have gone, or sums over events are wrong."""
    order, gone = order.record(EventType.STOCK_COMMITTED, now, _units(order))
    order, back = order.record(EventType.RESTOCKED, now, _units(order))
    return order, gone + back


def _units(order: Order) -> Mapping[str, Json]:
    return {"lines": [{"sku": line.sku, "quantity": line.quantity} for line in order.lines]}


def _end(how: EventType, call: SagaCall) -> Decide:
    failure = call.failure or Failure(step="", code="", message="")

    def decide(order: Order, now: datetime) -> Change:
        events: tuple[Event, ...] = ()
        for step in call.uncompensated:
            order, failed = order.record(EventType.COMPENSATION_FAILED, now, {"step": step})
            events += failed
        order, ended = order.end(how, _reason(failure), now, {"step": failure.step, "code": failure.code})
        return order, events + ended

    return decide


_TOLD = frozenset(error.code for error in (RejectedError, OutOfStockError, PaymentDeclinedError, NotOpenError))


def _reason(failure: Failure) -> str:
    """The customer reads it: of our own troubles it says no more than where they were."""
    if failure.code in _TOLD:
        return failure.message
    return f"{failure.step or 'the saga'} did not succeed"
