"""Every port on AWS, made when it is first asked for: a function pays for what it uses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from functions.adapters.aws.clients import Clients
from functions.adapters.aws.table import Table
from functions.adapters.clock import SystemClock
from functions.environment import Environment, Variable
from functions.ports import WorkflowStarter

if TYPE_CHECKING:
    from functions.adapters.aws.archive import S3Archive
    from functions.adapters.aws.customer import DynamoCustomer
    from functions.adapters.aws.dead_letters import SqsDeadLetters
    from functions.adapters.aws.demand import DynamoDemand
    from functions.adapters.aws.events import EventBridgeEvents
    from functions.adapters.aws.inventory import DynamoInventory
    from functions.adapters.aws.ledger import DynamoLedger
    from functions.adapters.aws.orders import DynamoOrders
    from functions.adapters.aws.secrets import ManagedSecrets
    from functions.adapters.aws.tenants import TenantSessions


@dataclass(frozen=True)
class AwsPorts:
    """A functions.ports.Ports."""

    environment: Environment
    clients: Clients = field(default_factory=Clients)

    def __post_init__(self) -> None:
        """A client keeps the credentials that it was made with, so what tenants' calls are signed with comes first."""
        if self.environment.get(Variable.TENANT_ROLE):
            from functions.adapters.aws.tenants import sign_for_tenants

            sign_for_tenants(self.clients.session)

    @cached_property
    def archive(self) -> S3Archive:
        from functions.adapters.aws.archive import S3Archive

        return S3Archive(self.clients.s3, self.environment[Variable.BUCKET])

    @cached_property
    def clock(self) -> SystemClock:
        return SystemClock()

    @cached_property
    def customer(self) -> DynamoCustomer:
        from functions.adapters.aws.customer import DynamoCustomer

        return DynamoCustomer(self._table)

    @cached_property
    def dead_letters(self) -> SqsDeadLetters:
        """No port: a service raises what can never succeed, and its entry point puts that there."""
        from functions.adapters.aws.dead_letters import SqsDeadLetters

        return SqsDeadLetters(self.clients.sqs, self.environment[Variable.DEAD_LETTERS])

    @cached_property
    def demand(self) -> DynamoDemand:
        from functions.adapters.aws.demand import DynamoDemand

        return DynamoDemand(self._table)

    @cached_property
    def inventory(self) -> DynamoInventory:
        from functions.adapters.aws.inventory import DynamoInventory

        return DynamoInventory(self._table, self.environment.integer(Variable.SANDBOX_STOCK))

    @cached_property
    def ledger(self) -> DynamoLedger:
        from functions.adapters.aws.ledger import DynamoLedger

        return DynamoLedger(self._table)

    @cached_property
    def orders(self) -> DynamoOrders:
        from functions.adapters.aws.orders import DynamoOrders

        return DynamoOrders(self._table, self._signed_for)

    @cached_property
    def publisher(self) -> EventBridgeEvents:
        from functions.adapters.aws.events import EventBridgeEvents

        return EventBridgeEvents(self.clients.events, self.environment[Variable.EVENT_BUS])

    @cached_property
    def secrets(self) -> ManagedSecrets:
        from functions.adapters.aws.secrets import ManagedSecrets

        return ManagedSecrets(self.clients.secretsmanager)

    @cached_property
    def workflow(self) -> WorkflowStarter:
        from functions.adapters.aws.workflow import ExpressWorkflow, StandardWorkflow

        state_machine = self.environment[Variable.WORKFLOW]
        if self.environment[Variable.WORKFLOW_KIND] == "express":
            return ExpressWorkflow(self.clients.stepfunctions, state_machine, self._table, self.clock)
        return StandardWorkflow(self.clients.stepfunctions, state_machine)

    @cached_property
    def _table(self) -> Table:
        return Table(self.clients.dynamodb, self.environment[Variable.DATABASE])

    @property
    def _signed_for(self) -> Callable[[str], AbstractContextManager[None]]:
        return self._tenants.signed_for if self._tenants else lambda _: nullcontext()

    @cached_property
    def _tenants(self) -> TenantSessions | None:
        role = self.environment.get(Variable.TENANT_ROLE)
        if role is None:
            return None
        from functions.adapters.aws.tenants import TenantSessions

        return TenantSessions(self.clients.sts, role)
