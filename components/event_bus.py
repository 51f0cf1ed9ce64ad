"""Takes every event of the system, and copies those that a rule matches to a queue or a topic, at least once.

| | is | a rule is | a number is compared |
|---|---|---|---|
| aws | EventBridge bus | rule and target, with dead letters | `numeric` in the pattern |
| gcp | Pub/Sub topic | push subscription; a topic's subscriptions move to the bus | by the publisher, as `tier` |
| azure | Event Grid topic, CloudEvents | subscription delivering to Service Bus by identity | `NumberGreaterThan` |
| local | a declaration | rows in the queue, or the topic's | `numeric` in the pattern |

Bounds: a rule names event types and at most one threshold. Rules to a topic come before the topic's subscriptions.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from components.component import Component
from components.identity import Grant, Identity
from components.link import Link, Variables
from components.queue import Queue
from components.topic import Topic


@dataclass(frozen=True, kw_only=True)
class EventBusArgs:
    pass


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Events of one of `event_types` (empty: any) whose total, if one is set, is above a threshold."""

    event_types: tuple[str, ...] = ()
    total_minor_above: int | None = None


class EventBus(Component[EventBusArgs]):
    variables: Variables

    def publisher(self) -> Link:
        return Link(grant=self.grant_publish, variables=self.variables)

    @abstractmethod
    def grant_publish(self, identity: Identity) -> Grant: ...

    def rule(self, name: str, *, where: Pattern, to: Queue | Topic) -> None:
        """Copy the events that match. WiringError unless a queue has its consumer already."""
        if isinstance(to, Queue):
            to.require_consumer()
        self._rule(name, where=where, to=to)

    @abstractmethod
    def _rule(self, name: str, *, where: Pattern, to: Queue | Topic) -> None: ...
