"""Copies each message to every subscribed queue whose filter it matches; a copy is delivered at least once.

| | is | a subscription is | a filter matches |
|---|---|---|---|
| aws | SNS | SNS to SQS, raw | fields of the body, to which its attributes belong |
| gcp | Pub/Sub topic | push subscription, the queue's ack deadline | attributes, fixed at creation |
| azure | Service Bus topic | subscription that forwards to the queue, DefaultRule | application properties, SQL `IN` |
| local | a declaration | rows in the queue | attributes |

Bounds: a filter is one of a list of strings for each attribute, all of them (Pub/Sub knows no numbers), and 256 bytes
when written as a Pub/Sub filter.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from components.component import Component
from components.identity import Grant, Identity
from components.link import Link, Variables
from components.queue import Queue

Filter = Mapping[str, tuple[str, ...]]
"""For each attribute the values that pass; empty: everything passes."""


@dataclass(frozen=True, kw_only=True)
class TopicArgs:
    pass


class Topic(Component[TopicArgs]):
    variables: Variables

    def publisher(self) -> Link:
        return Link(grant=self.grant_publish, variables=self.variables)

    @abstractmethod
    def grant_publish(self, identity: Identity) -> Grant: ...

    def subscribe(self, queue: Queue, *, where: Filter) -> None:
        """Feed the queue with what passes the filter. WiringError unless it has its consumer already."""
        queue.require_consumer()
        self._subscribe(queue, where=where)

    @abstractmethod
    def _subscribe(self, queue: Queue, *, where: Filter) -> None: ...
