"""The JSON that the API takes and gives; the OpenAPI document and the validation are both read off these types.

Patterns are written so that JavaScript, RE2 and Python read them alike.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from functions.codec import moment_text
from functions.domain.events import Event, Scalar
from functions.domain.order import Order, OrderStatus
from functions.ports import Page

MAX_BODY_BYTES = 256 * 1024
"""As many items as an order may have take 20 KB; the narrowest carrier of a body is an EventBridge entry, 256 KB."""

MAX_ITEMS = 99
"""With the reservation, the 100 actions that a transaction of DynamoDB takes."""

ORDER_ID = r"^ord_[0-9A-HJKMNP-TV-Z]{26}$"

OrderId = Annotated[str, Meta(pattern=ORDER_ID, examples=["ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG"])]
Currency = Annotated[
    str,
    Meta(pattern="^[A-Z]{3}$", description="A currency by its ISO 4217 code: three capital letters", examples=["EUR"]),
]
Sku = Annotated[
    str,
    Meta(
        # Fit for a document's id: Firestore refuses `.`, `..` and `__x__`, Cosmos DB the characters `/#?\`.
        pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="An article's number: 1 to 64 letters, digits, `.`, `-` or `_`, a letter or digit first",
        examples=["TEAPOT-BLUE"],
    ),
]
Quantity = Annotated[int, Meta(ge=1, le=1000, examples=[2])]
PriceMinor = Annotated[
    int,
    Meta(
        # 99 items x 1000 x this < 10^13, below the 2^53 up to which Cosmos DB and JavaScript keep whole numbers exact.
        ge=0,
        le=100_000_000,
        description="The price of one unit in minor units of the currency (cents for EUR)",
        examples=[1999],
    ),
]
PaymentMethod = Annotated[
    str,
    Meta(
        pattern="^[A-Za-z][A-Za-z0-9_-]{0,63}$",
        description="The payment partner's token for a way to pay, a letter first: never a card number",
        examples=["sandbox-approve"],
    ),
]
Moment = Annotated[str, Meta(description="RFC 3339, UTC, milliseconds", extra_json_schema={"format": "date-time"})]
TotalMinor = Annotated[int, Meta(ge=0, description="The order's total in minor units of its currency")]
Reason = Annotated[str | None, Meta(description="Why the order ended as it did, if it did not end well")]


class ItemBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One article of an order."""

    sku: Sku
    quantity: Quantity
    unit_price_minor: PriceMinor


class PlaceOrderBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a customer orders."""

    currency: Currency
    items: Annotated[
        list[ItemBody],
        Meta(
            min_length=1,
            max_length=MAX_ITEMS,
            description="No two have the same `sku`",
            extra={"unique_by": "sku"},
            # As near as JSON Schema comes to it: it knows no uniqueness by one field.
            extra_json_schema={"uniqueItems": True},
        ),
    ]
    payment_method: PaymentMethod


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The order was taken; the rest happens in the background, and the order's timeline tells it."""

    order_id: OrderId
    status: OrderStatus


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An order as lists show it."""

    order_id: OrderId
    status: OrderStatus
    currency: Currency
    total_minor: TotalMinor
    placed_at: Moment
    updated_at: Moment
    reason: Reason


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to the order; `version` counts them from 1 without a gap."""

    version: Annotated[int, Meta(ge=1)]
    type: Annotated[str, Meta(examples=["order.placed"])]
    occurred_at: Moment
    details: Annotated[dict[str, Scalar], Meta(description="What else is known of it; depends on the type")]


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order with all that happened to it, oldest first."""

    order_id: OrderId
    status: OrderStatus
    currency: Currency
    items: list[ItemBody]
    total_minor: TotalMinor
    payment_method: PaymentMethod
    placed_at: Moment
    updated_at: Moment
    reason: Reason
    timeline: list[TimelineEntry]


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """Orders, newest first; `next_cursor` is null on the last page."""

    orders: list[OrderSummary]
    next_cursor: str | None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The function runs and could read its configuration."""

    status: Annotated[str, Meta(examples=["ok"])]


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One wrong field, named by its path in the body, or a parameter by its name."""

    field: Annotated[str, Meta(examples=["items[0].quantity"])]
    problem: Annotated[str, Meta(examples=["must be a whole number from 1 to 1000, got 0"])]


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error as RFC 9457 describes it; programs match on `type`, which never changes."""

    type: Annotated[str, Meta(examples=["urn:orderly:problem:invalid-request"])]
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
    instance: Annotated[str, Meta(description="Names this one failure by its request id, as the logs do")]
    errors: list[FieldProblem] = []


def order_view(order: Order, events: tuple[Event, ...]) -> OrderView:
    return OrderView(
        order_id=order.order_id,
        status=order.status,
        currency=order.currency,
        items=[
            ItemBody(sku=line.sku, quantity=line.quantity, unit_price_minor=line.unit_price_minor)
            for line in order.lines
        ],
        total_minor=order.total_minor,
        payment_method=order.payment_method,
        placed_at=moment_text(order.placed_at),
        updated_at=moment_text(order.updated_at),
        reason=order.reason,
        timeline=[_entry(event) for event in events],
    )


def order_page(page: Page, next_cursor: str | None) -> OrderPage:
    return OrderPage(orders=[_summary(order) for order in page.orders], next_cursor=next_cursor)


def _summary(order: Order) -> OrderSummary:
    return OrderSummary(
        order_id=order.order_id,
        status=order.status,
        currency=order.currency,
        total_minor=order.total_minor,
        placed_at=moment_text(order.placed_at),
        updated_at=moment_text(order.updated_at),
        reason=order.reason,
    )


def _entry(event: Event) -> TimelineEntry:
    return TimelineEntry(
        version=event.version,
        type=event.type,
        occurred_at=moment_text(event.occurred_at),
        # Lists and objects are left out: the order's items stand in the order itself already.
        details={name: value for name, value in event.details.items() if not isinstance(value, list | dict)},
    )
