"""How many calls a push makes at once. Pub/Sub has no such setting, so it is the number of the consumer's instances."""

from __future__ import annotations

from dataclasses import dataclass

from components.function import Trigger


@dataclass(frozen=True, kw_only=True)
class Deliveries(Trigger):
    """One message to a call and one call to an instance; what comes above the limit is turned away and comes again."""

    at_once: int


def most_calls_at_once(trigger: Trigger | None) -> int | None:
    """None where the trigger does not limit them."""
    return trigger.at_once if isinstance(trigger, Deliveries) else None
