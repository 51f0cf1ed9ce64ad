"""Keeps orders, events, idempotency keys and stock: conditional writes, transactions, and a feed of what was added.

What one transaction wrote appears in the feed once it is durable, in the order of an order's versions, at least once.

| | is | transactions | change feed | point in time | protection |
|---|---|---|---|---|---|
| aws | DynamoDB table | TransactWriteItems | stream, new and old image | 1 to 35 days | deletion protection |
| gcp | Firestore, named | optimistic | Eventarc, unordered | 7 days | delete protection |
| azure | Cosmos DB NoSQL | within a partition | change feed with leases | 7 or 30 days | Pulumi's protection |
| local | SQLite, WAL | BEGIN IMMEDIATE | rows in commit order | none | Pulumi's protection |

Point-in-time recovery is 7 days (Firestore is the narrowest).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from components.component import Component
from components.function import Function, Trigger
from components.identity import Grant, Identity
from components.link import Link, Variables


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    deletion_protection: bool
    point_in_time_recovery: bool


class Database(Component[DatabaseArgs]):
    variables: Variables

    def reader(self) -> Link:
        return Link(grant=self.grant_read, variables=self.variables)

    def writer(self) -> Link:
        return Link(grant=self.grant_write, variables=self.variables)

    def changes(self) -> Trigger:
        """Calls a function with what was added, and again until it succeeds; it is the transactional outbox."""
        return Trigger(grant=self.grant_consume, variables=self.variables, attach=self._attach)

    @abstractmethod
    def grant_read(self, identity: Identity) -> Grant: ...

    @abstractmethod
    def grant_write(self, identity: Identity) -> Grant: ...

    @abstractmethod
    def grant_consume(self, identity: Identity) -> Grant:
        """Read the change feed, and nothing else of the database."""

    @abstractmethod
    def _attach(self, function: Function) -> None: ...
