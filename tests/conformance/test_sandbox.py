"""What the sandbox's partners promise on every target's ledger: the same as real ones, and what the order asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from functions.adapters.sandbox.inventory import SandboxInventory
from functions.adapters.sandbox.payments import SandboxPaymentGateway
from functions.adapters.sandbox.scripts import SandboxTransientError
from functions.adapters.sandbox.warehouse import SandboxWarehouse, UnshippableError
from functions.domain.errors import NotOpenError, OutOfStockError, PaymentDeclinedError
from functions.domain.order import Line
from tests.conformance.worlds import INITIAL_UNITS, World
from tests.unit.functions.orders import CUPS, TEAPOTS


@pytest.fixture
def payments(world: World) -> SandboxPaymentGateway:
    return SandboxPaymentGateway(world.ledger)


@pytest.fixture
def warehouse(world: World) -> SandboxWarehouse:
    return SandboxWarehouse(world.ledger)


@pytest.fixture
def inventory(world: World) -> SandboxInventory:
    return SandboxInventory(world.inventory, world.ledger)


def charge(payments: SandboxPaymentGateway, method: str = "sandbox-approve", key: str = "order:pay") -> str:
    return payments.charge(key=key, order_id="order", amount_minor=100, currency="EUR", method=method)


def failures_until_success(call: Callable[[], object]) -> int:
    for failures in range(10):
        try:
            call()
        except SandboxTransientError:
            continue
        return failures
    return -1


def test_a_key_is_charged_once(payments: SandboxPaymentGateway) -> None:
    assert charge(payments) == charge(payments)
    assert charge(payments) != charge(payments, key="other:pay")


def test_a_charge_is_given_back_and_names_its_payment_each_time(payments: SandboxPaymentGateway) -> None:
    payment_id = charge(payments)
    assert [payments.refund(key="undo", charge_key="order:pay") for _ in range(2)] == [payment_id, payment_id]


def test_what_was_given_back_is_not_paid(payments: SandboxPaymentGateway) -> None:
    charge(payments)
    payments.refund(key="undo", charge_key="order:pay")
    with pytest.raises(PaymentDeclinedError, match="given back"):
        charge(payments)


def test_what_took_nothing_gives_nothing_back_and_never_takes_anything_later(payments: SandboxPaymentGateway) -> None:
    assert payments.refund(key="undo", charge_key="order:pay") is None
    with pytest.raises(PaymentDeclinedError, match="withdrawn"):
        charge(payments)
    assert payments.refund(key="undo", charge_key="order:pay") is None


@pytest.mark.parametrize("method", ["sandbox-decline", "visa-4711", "sandbox-transient-0", "sandbox-transient-100"])
def test_a_method_that_is_not_good_is_declined_each_time(payments: SandboxPaymentGateway, method: str) -> None:
    for _ in range(2):
        with pytest.raises(PaymentDeclinedError, match=method):
            charge(payments, method)
    assert payments.refund(key="undo", charge_key="order:pay") is None


@pytest.mark.parametrize(
    ("method", "failures"),
    [("sandbox-approve", 0), ("sandbox-transient-3", 3), ("sandbox-slow", 1), ("sandbox-outage", -1)],
)
def test_a_payment_fails_as_often_as_its_method_says(
    payments: SandboxPaymentGateway, method: str, failures: int
) -> None:
    assert failures_until_success(lambda: charge(payments, method)) == failures


def test_a_slow_payment_has_taken_the_money_when_it_fails(payments: SandboxPaymentGateway) -> None:
    with pytest.raises(SandboxTransientError):
        charge(payments, "sandbox-slow")
    assert payments.refund(key="undo", charge_key="order:pay") is not None


def test_a_payment_that_never_came_through_gives_nothing_back(payments: SandboxPaymentGateway) -> None:
    with pytest.raises(SandboxTransientError):
        charge(payments, "sandbox-transient-1")
    assert payments.refund(key="undo", charge_key="order:pay") is None


def test_a_shipment_is_asked_for_once_and_cancelled_once(warehouse: SandboxWarehouse) -> None:
    for _ in range(2):
        warehouse.ship(key="ship", order_id="order", lines=[TEAPOTS, CUPS])
    assert [warehouse.cancel(key="undo", order_id="order") for _ in range(2)] == [True, True]


def test_a_shipment_that_comes_after_its_cancellation_is_refused(warehouse: SandboxWarehouse) -> None:
    assert [warehouse.cancel(key="undo", order_id="early") for _ in range(2)] == [False, False]
    warehouse.ship(key="ship", order_id="shipped", lines=[TEAPOTS])
    warehouse.cancel(key="undo", order_id="shipped")
    for order_id in ("early", "shipped"):
        with pytest.raises(NotOpenError, match=order_id):
            warehouse.ship(key="ship", order_id=order_id, lines=[TEAPOTS])
    assert warehouse.cancel(key="undo", order_id="early") is False


def test_what_cannot_be_shipped_is_refused_and_leaves_nothing_to_cancel(warehouse: SandboxWarehouse) -> None:
    with pytest.raises(UnshippableError):
        warehouse.ship(key="ship", order_id="order", lines=[article("SANDBOX-UNSHIPPABLE")])
    assert warehouse.cancel(key="undo", order_id="order") is False


def article(sku: str) -> Line:
    return Line(sku=sku, quantity=1, unit_price_minor=100)


def test_an_article_that_is_never_there_holds_up_the_whole_order(world: World, inventory: SandboxInventory) -> None:
    with pytest.raises(OutOfStockError):
        inventory.reserve("order", [TEAPOTS, article("SANDBOX-OUT-OF-STOCK")])
    assert world.left("TEAPOT") == INITIAL_UNITS


@pytest.mark.parametrize(("sku", "failures"), [("TEAPOT", 0), ("SANDBOX-TRANSIENT-2", 2)])
def test_an_article_fails_as_often_as_its_name_says(
    world: World, inventory: SandboxInventory, sku: str, failures: int
) -> None:
    assert failures_until_success(lambda: inventory.reserve("order", [article(sku)])) == failures
    assert world.left(sku) == INITIAL_UNITS - 1


def test_behind_the_sandbox_is_the_targets_own_inventory(world: World, inventory: SandboxInventory) -> None:
    inventory.reserve("order", [TEAPOTS])
    inventory.commit("order")
    assert inventory.restock("order") is True
    assert inventory.release("order") is False
    assert world.left("TEAPOT") == INITIAL_UNITS
