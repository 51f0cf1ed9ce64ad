"""Tell the operators of an order that is worth a look; a bus rule decides which ones are."""

from __future__ import annotations

from dataclasses import dataclass

from functions.domain.events import Event
from functions.ports import OpsChannel


@dataclass(frozen=True)
class NotifyOps:
    channel: OpsChannel

    def __call__(self, event: Event) -> None:
        self.channel.notify(
            key=event.id,
            message={
                "event_id": event.id,
                "event_type": event.type.value,
                "order_id": event.order_id,
                "tenant": event.tenant,
                "total_minor": event.total_minor,
                "currency": event.currency,
                "text": f"Order {event.order_id} over {event.total_minor} {event.currency} (minor units) was placed",
            },
        )
