"""Every port on Azure, imported and made when it is first asked for: a function pays for what it uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from functions.adapters.azure import layout
from functions.adapters.azure.clients import Clients
from functions.adapters.azure.secrets import MountedSecrets
from functions.adapters.clock import SystemClock
from functions.environment import Environment, Variable

if TYPE_CHECKING:
    from functions.adapters.azure.archive import BlobArchive
    from functions.adapters.azure.customer import CosmosCustomer
    from functions.adapters.azure.demand import CosmosDemand
    from functions.adapters.azure.events import EventGridEvents
    from functions.adapters.azure.inventory import CosmosInventory
    from functions.adapters.azure.items import Items
    from functions.adapters.azure.ledger import CosmosLedger
    from functions.adapters.azure.orders import CosmosOrders
    from functions.adapters.azure.workflow import GuardedWorkflow


@dataclass(frozen=True)
class AzurePorts:
    """A functions.ports.Ports."""

    environment: Environment

    @cached_property
    def clients(self) -> Clients:
        return Clients(self.environment)

    @cached_property
    def archive(self) -> BlobArchive:
        from functions.adapters.azure.archive import SCOPE, BlobArchive
        from functions.adapters.azure.rest import Service

        token = self.clients.token_for(SCOPE)
        return BlobArchive(Service("Blob Storage", self.environment[Variable.BUCKET], token))

    @cached_property
    def clock(self) -> SystemClock:
        return SystemClock()

    @cached_property
    def customer(self) -> CosmosCustomer:
        from functions.adapters.azure.customer import CosmosCustomer

        return CosmosCustomer(self._items(layout.MESSAGES))

    @cached_property
    def demand(self) -> CosmosDemand:
        from functions.adapters.azure.demand import CosmosDemand

        return CosmosDemand(self._items(layout.DEMAND))

    @cached_property
    def inventory(self) -> CosmosInventory:
        from functions.adapters.azure.inventory import CosmosInventory

        return CosmosInventory(self._items(layout.INVENTORY), self.environment.integer(Variable.SANDBOX_STOCK))

    @cached_property
    def ledger(self) -> CosmosLedger:
        from functions.adapters.azure.ledger import CosmosLedger

        return CosmosLedger(self._items(layout.LEDGER))

    @cached_property
    def orders(self) -> CosmosOrders:
        from functions.adapters.azure.orders import CosmosOrders

        return CosmosOrders(self._items(layout.ORDERS))

    @cached_property
    def publisher(self) -> EventGridEvents:
        from functions.adapters.azure.events import SCOPE, EventGridEvents
        from functions.adapters.azure.rest import Service

        token = self.clients.token_for(SCOPE)
        return EventGridEvents(Service("Event Grid", self.environment[Variable.EVENT_BUS], token))

    @cached_property
    def secrets(self) -> MountedSecrets:
        return MountedSecrets(self.environment.values)

    @cached_property
    def workflow(self) -> GuardedWorkflow:
        """One attempt at a time: its own lease says when the next one may be."""
        from functions.adapters.azure.rest import Service
        from functions.adapters.azure.workflow import GuardedWorkflow

        token = self.clients.token_for(f"{self.environment[Variable.AUDIENCE]}/.default")
        runs = Service("the workflow's app", self.environment[Variable.WORKFLOW], token, attempts=1)
        lease = timedelta(seconds=float(self.environment[Variable.LEASE_SECONDS]))
        return GuardedWorkflow(runs, self._items(layout.RUNS), self.clock, lease)

    def _items(self, container: str) -> Items:
        from functions.adapters.azure.items import Items

        return Items(lambda: self.clients.database.get_container_client(container), layout.key_of(container))
