"""How many messages are worked on at once. Pub/Sub does not say, so it is how many instances a consumer has."""

from __future__ import annotations

from dataclasses import dataclass

from components.function import Trigger

WAITING = 8
"""Calls that an instance takes. One that is turned away uses up a delivery, so that a burst would make dead letters of
messages nobody has tried; all of these together are done well within an ack deadline."""


@dataclass(frozen=True, kw_only=True)
class Deliveries(Trigger):
    """One message to a call. An instance works on one of them, and lets WAITING less that one wait their turn."""

    at_once: int


def most_at_once(trigger: Trigger | None) -> int | None:
    """None where the trigger does not limit them."""
    return trigger.at_once if isinstance(trigger, Deliveries) else None
