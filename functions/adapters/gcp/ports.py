"""Every port on Google Cloud, imported and made when it is first asked for: a function pays for what it uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from functions.adapters.clock import SystemClock
from functions.adapters.gcp.clients import Clients
from functions.adapters.gcp.secrets import MountedSecrets
from functions.environment import Environment, Variable

if TYPE_CHECKING:
    from functions.adapters.gcp.archive import StorageArchive
    from functions.adapters.gcp.customer import FirestoreCustomer
    from functions.adapters.gcp.demand import FirestoreDemand
    from functions.adapters.gcp.documents import Documents
    from functions.adapters.gcp.events import PubSubEvents
    from functions.adapters.gcp.inventory import FirestoreInventory
    from functions.adapters.gcp.ledger import FirestoreLedger
    from functions.adapters.gcp.orders import FirestoreOrders
    from functions.adapters.gcp.workflow import GuardedWorkflow


@dataclass(frozen=True)
class GcpPorts:
    """A functions.ports.Ports."""

    environment: Environment

    @cached_property
    def clients(self) -> Clients:
        return Clients(self.environment)

    @cached_property
    def archive(self) -> StorageArchive:
        from functions.adapters.gcp.archive import StorageArchive

        return StorageArchive(self.clients.storage, self.environment[Variable.BUCKET])

    @cached_property
    def clock(self) -> SystemClock:
        return SystemClock()

    @cached_property
    def customer(self) -> FirestoreCustomer:
        from functions.adapters.gcp.customer import FirestoreCustomer

        return FirestoreCustomer(self._documents)

    @cached_property
    def demand(self) -> FirestoreDemand:
        from functions.adapters.gcp.demand import FirestoreDemand

        return FirestoreDemand(self._documents)

    @cached_property
    def inventory(self) -> FirestoreInventory:
        from functions.adapters.gcp.inventory import FirestoreInventory

        return FirestoreInventory(self._documents, self.environment.integer(Variable.SANDBOX_STOCK))

    @cached_property
    def ledger(self) -> FirestoreLedger:
        from functions.adapters.gcp.ledger import FirestoreLedger

        return FirestoreLedger(self._documents)

    @cached_property
    def orders(self) -> FirestoreOrders:
        from functions.adapters.gcp.orders import FirestoreOrders

        return FirestoreOrders(self._documents)

    @cached_property
    def publisher(self) -> PubSubEvents:
        from functions.adapters.gcp.events import PubSubEvents

        return PubSubEvents(
            self.clients.publisher,
            self.environment[Variable.EVENT_BUS],
            self.environment.integer(Variable.HIGH_VALUE_MINOR),
        )

    @cached_property
    def secrets(self) -> MountedSecrets:
        return MountedSecrets(self.environment.values)

    @cached_property
    def workflow(self) -> GuardedWorkflow:
        from functions.adapters.gcp.workflow import GuardedWorkflow

        return GuardedWorkflow(
            self.clients.executions, self.environment[Variable.WORKFLOW], self._documents, self.clock
        )

    @cached_property
    def _documents(self) -> Documents:
        from functions.adapters.gcp.documents import Documents

        return Documents(self.clients.firestore)
