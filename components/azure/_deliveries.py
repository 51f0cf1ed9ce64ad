"""How many messages are worked on at once: by how many instances, and by each of them."""

from __future__ import annotations

from dataclasses import dataclass

from components.function import Trigger

MOST_OF_AN_INSTANCE = 8
"""An instance of 512 MiB has a quarter of a CPU; a consumer mostly waits for somebody's answer."""


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
