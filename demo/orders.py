"""The orders of the demonstration: how each is told to go, and where it should end."""

from __future__ import annotations

from dataclasses import dataclass

CURRENCY = "EUR"


@dataclass(frozen=True, kw_only=True)
class Item:
    sku: str
    quantity: int
    unit_price_minor: int


@dataclass(frozen=True, kw_only=True)
class ExampleOrder:
    """`payment_method` tells the sandbox what to do; `shows` is what a reader should take from it."""

    title: str
    shows: str
    payment_method: str
    items: tuple[Item, ...]
    ends_as: str

    @property
    def body(self) -> dict[str, object]:
        items = [
            {"sku": item.sku, "quantity": item.quantity, "unit_price_minor": item.unit_price_minor}
            for item in self.items
        ]
        return {"currency": CURRENCY, "payment_method": self.payment_method, "items": items}


ORDERS = (
    ExampleOrder(
        title="A teapot and two cups",
        shows="reserved, paid and shipped",
        payment_method="sandbox-approve",
        items=(
            Item(sku="TEAPOT-BLUE", quantity=1, unit_price_minor=3499),
            Item(sku="CUP-BLUE", quantity=2, unit_price_minor=999),
        ),
        ends_as="FULFILLED",
    ),
    ExampleOrder(
        title="A kettle with a card that is declined",
        shows="what was reserved is released again",
        payment_method="sandbox-decline",
        items=(Item(sku="KETTLE", quantity=1, unit_price_minor=4999),),
        ends_as="FAILED",
    ),
    ExampleOrder(
        title="A hundred golden elephants",
        shows="costs more than the shop takes for one order",
        payment_method="sandbox-approve",
        items=(Item(sku="ELEPHANT-GOLD", quantity=100, unit_price_minor=50_000_000),),
        ends_as="REJECTED",
    ),
)
