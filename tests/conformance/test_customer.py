"""What every target's way to the customer promises."""

from __future__ import annotations

from tests.conformance.worlds import World


def test_a_message_is_told_once_for_each_key(world: World) -> None:
    for subject in ("Your order is confirmed", "Your order is confirmed again"):
        world.customer.tell(key="order:1", tenant="acme", order_id="order", subject=subject)
    world.customer.tell(key="order:2", tenant="acme", order_id="order", subject="Your order is on its way")
    assert world.inbox() == [
        ("acme", "order", "Your order is confirmed"),
        ("acme", "order", "Your order is on its way"),
    ]
