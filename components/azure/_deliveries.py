"""How many messages are worked on at once: by how many instances, and by each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from components.function import Trigger
from components.link import Variables
from functions.environment import Variable

MOST_OF_AN_INSTANCE = 8
"""An instance of 512 MiB has a quarter of a CPU; a consumer mostly waits for somebody's answer."""

HELD = 0.7
"""Of a function's timeout: what is held for longer would look as if it nearly timed out."""

LONGEST_START = timedelta(seconds=20)
"""Of a write to Cosmos DB, a token that is kept or quick to come, and one call of the workflow's app, 8 s each and 2 s
to connect."""


@dataclass(frozen=True, kw_only=True)
class Deliveries(Trigger):
    """One message to a call."""

    at_once: int

    @property
    def of_an_instance(self) -> int:
        """As many as go into the whole without a rest, so that all instances together are exactly `at_once`."""
        return max(each for each in range(1, MOST_OF_AN_INSTANCE + 1) if not self.at_once % each)

    @property
    def instances(self) -> int:
        return self.at_once // self.of_an_instance


def held(timeout: timedelta) -> Variables:
    """How long a message that failed is held before it is given back: Service Bus gives it to the next at once."""
    return {Variable.HELD_SECONDS: f"{HELD * timeout.total_seconds():g}"}


def lease(timeout: timedelta) -> Variables:
    """How long who starts a run keeps others from it: as long as a start may take, which its host ends by `timeout`.

    If it stayed open how that start went, the run is asked for again by a later delivery of the same message, and one
    that comes before the lease is over is in vain. A message comes five times at least, HELD of a timeout apart, so for
    the last time after 4 x 0.7 = 2.8 timeouts. By then a lease is over that was taken as late as the first delivery
    could, after one timeout: it ends one more later. From a timeout of 30 s on, as a rule, not even the next delivery
    is in vain.
    """
    return {Variable.LEASE_SECONDS: f"{min(LONGEST_START, timeout).total_seconds():g}"}
