"""What a port's suite runs in: a target's ports, and a look at what they did outside of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from functions.domain.events import Json
from functions.ports import (
    Customer,
    Demand,
    EventArchive,
    EventPublisher,
    Inventory,
    Ledger,
    OrderRepository,
    SecretStore,
    WorkflowStarter,
)

INITIAL_UNITS = 10
HIGH_VALUE_MINOR = 10_000


@dataclass(frozen=True, kw_only=True)
class Published:
    """An event as the bus got it; `attributes` is what this target's rules can match on."""

    id: str
    body: bytes
    attributes: Mapping[str, str | int]


class World(Protocol):
    """Each SKU begins with INITIAL_UNITS."""

    @property
    def orders(self) -> OrderRepository: ...
    @property
    def inventory(self) -> Inventory: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def customer(self) -> Customer: ...
    @property
    def demand(self) -> Demand: ...
    @property
    def workflow(self) -> WorkflowStarter: ...

    def feed(self) -> list[str]:
        """The ids of the events that the change feed reports, in order."""
        ...

    def left(self, sku: str) -> int:
        """Units that can still be reserved."""
        ...

    def inbox(self) -> list[tuple[str, str, str]]:
        """What customers were told: tenant, order, subject."""
        ...

    def ordered(self) -> dict[str, int]:
        """Units in the demand read model, by SKU."""
        ...

    def runs(self) -> list[tuple[str, Mapping[str, Json]]]:
        """The id and data of each saga that was started, as often as it was."""
        ...


class Target(World, Protocol):
    """A world of real adapters."""

    @property
    def publisher(self) -> EventPublisher: ...
    @property
    def archive(self) -> EventArchive: ...
    @property
    def secrets(self) -> SecretStore: ...
    @property
    def secrets_are_mounted(self) -> bool:
        """An instance has the values that were there when it started, and a rotation starts others in its place."""
        ...

    def published(self) -> list[Published]: ...

    def high_values(self) -> list[str]:
        """The ids of the published events that a rule for totals above HIGH_VALUE_MINOR picks out."""
        ...

    def put_secret(self, name: str, value: str) -> None:
        """As an operator does, behind the back of whoever has read it."""
        ...

    def archived(self) -> dict[str, bytes]:
        """Objects of the archive by their key."""
        ...
