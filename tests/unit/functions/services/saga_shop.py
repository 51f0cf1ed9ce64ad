"""A shop in memory, and the order saga driven through its tasks by the decider, with faults where a test wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from components.saga.decider import FAULT, Call, Ended, Entry, Kind, Phase, decide
from components.saga.order import ORDER_SAGA
from functions.adapters.sandbox.inventory import SandboxInventory
from functions.adapters.sandbox.payments import SandboxPaymentGateway
from functions.adapters.sandbox.warehouse import SandboxWarehouse
from functions.domain.errors import OrderError, PermanentError
from functions.domain.events import Event, EventType
from functions.domain.order import Line, Order, ShopRules
from functions.services.order_changes import OrderChanges
from functions.services.saga_tasks import (
    DeliveryTasks,
    Failure,
    InventoryTasks,
    OrderTasks,
    PaymentTasks,
    SagaCall,
    Tasks,
    perform,
)
from tests.unit.functions.orders import TEAPOTS, placed
from tests.unit.functions.services.memory import (
    HandMovedClock,
    MemoryCustomer,
    MemoryInventory,
    MemoryLedger,
    MemoryOrders,
)

RULES = ShopRules(currencies=frozenset({"EUR"}), max_total_minor=1_000_000)


class Fault(StrEnum):
    BEFORE = "before"
    """The attempt fails without having done anything."""
    AFTER = "after"
    """The attempt does its work, and fails to say so."""
    REFUSED = "refused"
    """The attempt says no without having done anything."""
    TWICE = "twice"
    """The attempt is interrupted after its work, and is run again."""
    LATE = "late"
    """The attempt times out and does its work once the saga has gone on."""


Attempt: TypeAlias = tuple[Phase, str, int]
Faults: TypeAlias = Mapping[Attempt, Fault]


@dataclass
class Shop:
    clock: HandMovedClock = field(default_factory=HandMovedClock)
    orders: MemoryOrders = field(default_factory=MemoryOrders)
    stock: MemoryInventory = field(default_factory=MemoryInventory)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    customer: MemoryCustomer = field(default_factory=MemoryCustomer)

    @property
    def changes(self) -> OrderChanges:
        return OrderChanges(orders=self.orders, clock=self.clock)

    def groups(self) -> dict[str, Tasks]:
        """The tables by the function that performs them."""
        inventory = SandboxInventory(self.stock, self.ledger)
        payments = SandboxPaymentGateway(self.ledger)
        warehouse = SandboxWarehouse(self.ledger)
        return {
            "order-tasks": OrderTasks(changes=self.changes, rules=RULES).table(),
            "inventory-tasks": InventoryTasks(changes=self.changes, inventory=inventory).table(),
            "payment-tasks": PaymentTasks(changes=self.changes, payments=payments).table(),
            "delivery-tasks": DeliveryTasks(changes=self.changes, customer=self.customer, warehouse=warehouse).table(),
        }

    def tasks(self) -> Tasks:
        return {name: task for table in self.groups().values() for name, task in table.items()}

    def place(self, *lines: Line, payment_method: str = "sandbox-approve", currency: str = "EUR") -> Order:
        order, events = placed(*lines, payment_method=payment_method, currency=currency)
        return self.orders.add(order, events, None)

    def order(self) -> Order:
        (order,) = self.orders.stored.values()
        return order

    def timeline(self) -> tuple[Event, ...]:
        return self.orders.events[self.order().order_id]

    def told(self) -> list[EventType]:
        return [event.type for event in self.timeline()]

    def money_taken(self) -> int:
        """Charges that were not given back."""
        charged = {
            key.removeprefix("charge:")
            for key, entry in self.ledger.entries.items()
            if key.startswith("charge:") and "payment_id" in entry
        }
        return len(charged - {key.removeprefix("refund:") for key in self.ledger.entries})

    def is_shipping(self) -> bool:
        shipment = self.ledger.find(f"shipment:{self.order().order_id}") or {}
        return "units" in shipment and self.ledger.find(f"shipment-cancelled:{self.order().order_id}") is None

    def held(self) -> int:
        """Teapots that are reserved or sold."""
        return self.stock.initial_units - self.stock.left(TEAPOTS.sku)


@dataclass
class SagaRun:
    """`before_call` is where a test lets something else happen; late attempts land after `patience` more calls."""

    shop: Shop
    faults: Faults = field(default_factory=dict)
    patience: int = 10_000
    before_call: Callable[[Call], None] = lambda _: None
    journal: list[Entry] = field(default_factory=list)
    late: list[tuple[int, Call]] = field(default_factory=list)

    def run(self) -> Ended:
        for _ in range(500):
            if ended := self.turn():
                return ended
        raise AssertionError("the saga does not end")

    def turn(self) -> Ended | None:
        """Make the calls that are next; the end, once there are none."""
        decision = decide(ORDER_SAGA, self.journal)
        if isinstance(decision, Ended):
            self._land(everything=True)
            return decision
        for call in decision.calls:
            self._make(call)
        return None

    def _make(self, call: Call) -> None:
        self.before_call(call)
        self.shop.clock.advance(seconds=1)
        self._note(call, Kind.STARTED)
        kind, code, message = self._attempt(call)
        self._note(call, kind, code, message)
        self._land()

    def _attempt(self, call: Call) -> tuple[Kind, str, str]:
        fault = self.faults.get((call.phase, call.step, call.attempt))
        if fault is Fault.REFUSED:
            return Kind.REFUSED, "refused", "no"
        if fault is Fault.LATE:
            self.late.append((len(self.journal) + 2 * self.patience, call))
        if fault in (Fault.BEFORE, Fault.LATE):
            return Kind.FAULTED, FAULT, "no answer"
        try:
            self._perform(call)
            if fault is Fault.TWICE:
                self._perform(call)
        except PermanentError as error:
            return Kind.REFUSED, error.code, str(error)
        except OrderError as error:
            return Kind.FAULTED, FAULT, str(error)
        return (Kind.FAULTED, FAULT, "lost") if fault is Fault.AFTER else (Kind.SUCCEEDED, "", "")

    def _perform(self, call: Call) -> None:
        order = self.shop.order()
        why = call.failure
        failure = Failure(step=why.step, code=why.code, message=why.message) if why else None
        perform(
            self.shop.tasks(),
            call.task,
            SagaCall(
                key=call.key(order.order_id),
                tenant=order.tenant,
                order_id=order.order_id,
                failure=failure,
                uncompensated=call.uncompensated,
            ),
        )

    def _land(self, *, everything: bool = False) -> None:
        due = [call for moment, call in self.late if everything or moment <= len(self.journal)]
        self.late = [] if everything else [late for late in self.late if late[0] > len(self.journal)]
        for call in due:
            with suppress(OrderError):
                self._perform(call)

    def _note(self, call: Call, kind: Kind, code: str = "", message: str = "") -> None:
        self.journal.append(
            Entry(kind=kind, phase=call.phase, step=call.step, attempt=call.attempt, code=code, message=message)
        )


def attempts(phase: Phase, step: str, fault: Fault, count: int) -> Iterator[tuple[Attempt, Fault]]:
    """The same fault at the first `count` attempts."""
    return (((phase, step, number), fault) for number in range(1, count + 1))
