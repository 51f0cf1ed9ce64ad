"""Keeps orders, events, idempotency keys and stock: conditional writes, transactions, and a feed of what was added.

What one transaction wrote appears in the feed once it is durable, at least once. Its consumer must not rely on order,
and what it cannot handle must not be lost: where the platform gives up on a record, the target parks it.

| | is | transactions | change feed | a record that keeps failing | point in time | protection |
|---|---|---|---|---|---|---|
| aws | DynamoDB table | TransactWriteItems | stream, by item in order | on-failure queue | 7 days | its own |
| gcp | Firestore, named | optimistic | Eventarc, unordered | dropped after 24 h: parked first | 7 days | its own |
| azure | Cosmos DB NoSQL | in a partition | leases, by key in order | waits, or is parked | 7 or 30 days | Pulumi's |
| local | SQLite, WAL | BEGIN IMMEDIATE | in commit order | holds the feed up, and alarms | none | Pulumi's |

Point-in-time recovery is 7 days (Firestore is the narrowest). On aws, IAM confines whoever has `tenant_access` to the
tenant of the call; elsewhere the adapters alone do.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from types import MappingProxyType

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
    consumer_variables: Variables = MappingProxyType({})
    """What the change feed's consumer has to find besides."""

    def reader(self) -> Link:
        return Link(grant=self.grant_read, variables=self.variables)

    def writer(self) -> Link:
        return Link(grant=self.grant_write, variables=self.variables)

    def tenant_access(self) -> tuple[Link, ...]:
        """Read and write what belongs to the tenant that a call is for; no more, where the target can confine it."""
        return (self.reader(), self.writer())

    def changes(self) -> Trigger:
        """Calls a function with what was added, and again until it succeeds; it is the transactional outbox."""
        return Trigger(
            grant=self.grant_consume, variables={**self.variables, **self.consumer_variables}, attach=self._attach
        )

    @abstractmethod
    def grant_read(self, identity: Identity) -> Grant: ...

    @abstractmethod
    def grant_write(self, identity: Identity) -> Grant: ...

    @abstractmethod
    def grant_consume(self, identity: Identity) -> Grant:
        """Read the change feed, and nothing else of the database."""

    @abstractmethod
    def _attach(self, function: Function) -> None: ...
