"""What a function has to be made for by who calls it: how many calls come at once, and how long they are waited for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from components.function import Trigger

WAITING = 8
"""Messages that an instance takes. One that is turned away uses up a delivery, so that a burst would make dead letters
of messages nobody has tried; all of these together are done well within an ack deadline."""


@dataclass(frozen=True, kw_only=True)
class Called(Trigger):
    """One message or event to a call."""

    at_once: int | None = None
    """How many messages are worked on at once: Pub/Sub does not say, so it is how many instances the function has, each
    of which works on one and lets WAITING less that one wait their turn."""
    within: timedelta | None = None
    """Whoever calls gives up after this, and calls again; working on would be in vain."""


def called(trigger: Trigger, *, at_once: int | None = None, within: timedelta | None = None) -> Called:
    """What a contract's trigger is on Google Cloud."""
    return Called(
        grant=trigger.grant, variables=trigger.variables, attach=trigger.attach, at_once=at_once, within=within
    )


def most_at_once(trigger: Trigger | None) -> int | None:
    """None where the trigger does not limit them."""
    return trigger.at_once if isinstance(trigger, Called) else None


def longest_call(trigger: Trigger | None, *, allowed: timedelta) -> timedelta:
    """How long a call may take, `allowed` at the most."""
    waited = trigger.within if isinstance(trigger, Called) else None
    return min(allowed, waited) if waited else allowed
