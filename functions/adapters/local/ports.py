"""Every port on one machine, made when it is first asked for: a function pays for what it uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from functions.adapters.clock import SystemClock
from functions.adapters.local.archive import LocalArchive
from functions.adapters.local.customer import LocalCustomer
from functions.adapters.local.demand import LocalDemand
from functions.adapters.local.events import LocalEvents
from functions.adapters.local.inventory import LocalInventory
from functions.adapters.local.ledger import LocalLedger
from functions.adapters.local.orders import LocalOrders
from functions.adapters.local.secrets import LocalSecrets
from functions.adapters.local.workflow import LocalWorkflow
from functions.environment import Environment, Variable
from local_runtime.client import Client


@dataclass(frozen=True)
class LocalPorts:
    """A functions.ports.Ports."""

    environment: Environment
    client: Client

    @cached_property
    def archive(self) -> LocalArchive:
        return LocalArchive(self.client, self.environment[Variable.BUCKET])

    @cached_property
    def clock(self) -> SystemClock:
        return SystemClock()

    @cached_property
    def customer(self) -> LocalCustomer:
        return LocalCustomer(self.client, self._database)

    @cached_property
    def demand(self) -> LocalDemand:
        return LocalDemand(self.client, self._database)

    @cached_property
    def inventory(self) -> LocalInventory:
        return LocalInventory(self.client, self._database, self.environment.integer(Variable.SANDBOX_STOCK))

    @cached_property
    def ledger(self) -> LocalLedger:
        return LocalLedger(self.client, self._database)

    @cached_property
    def orders(self) -> LocalOrders:
        return LocalOrders(self.client, self._database)

    @cached_property
    def publisher(self) -> LocalEvents:
        high_value_minor = self.environment.integer(Variable.HIGH_VALUE_MINOR)
        return LocalEvents(self.client, self.environment[Variable.EVENT_BUS], high_value_minor)

    @cached_property
    def secrets(self) -> LocalSecrets:
        return LocalSecrets(self.client)

    @cached_property
    def workflow(self) -> LocalWorkflow:
        return LocalWorkflow(self.client, self.environment[Variable.WORKFLOW])

    @property
    def _database(self) -> str:
        return self.environment[Variable.DATABASE]
