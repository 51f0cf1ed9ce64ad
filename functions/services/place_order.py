"""Take an order; everything else happens in the background, from its first event on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.domain.ids import order_id
from functions.domain.order import Line, Order, place
from functions.ports import Clock, IdempotencyRecord, OrderRepository


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """What a client sent, well-formed; `idempotency_key` makes it safe to send again with the same `body_sha256`."""

    tenant: str
    currency: str
    lines: tuple[Line, ...]
    payment_method: str
    idempotency_key: str | None
    body_sha256: str


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """`remembered_for` is how long an idempotency key is known."""

    orders: OrderRepository
    clock: Clock
    remembered_for: timedelta
    new_id: Callable[[datetime], str] = order_id

    def __call__(self, new: NewOrder) -> Order:
        """The order, or the one that the key made before; KeyReusedError when that was another body."""
        now = self.clock.now()
        order, events = place(
            order_id=self.new_id(now),
            tenant=new.tenant,
            currency=new.currency,
            lines=new.lines,
            payment_method=new.payment_method,
            now=now,
        )
        return self.orders.add(order, events, self._key(new, order))

    def _key(self, new: NewOrder, order: Order) -> IdempotencyRecord | None:
        if new.idempotency_key is None:
            return None
        return IdempotencyRecord(
            tenant=new.tenant,
            key=new.idempotency_key,
            body_sha256=new.body_sha256,
            order_id=order.order_id,
            expires_at=order.placed_at + self.remembered_for,
        )
