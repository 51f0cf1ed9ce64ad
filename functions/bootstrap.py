"""The composition root: which service gets which ports. Everything is loaded and made when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from functions.environment import Environment, Variable
from functions.ports import OpsChannel, PaymentGateway, Ports
from functions.services.order_changes import OrderChanges

if TYPE_CHECKING:
    from functions.api.bodies import PlaceOrderBody
    from functions.api.handlers import ApiServices
    from functions.api.tokens import TokenVerifier
    from functions.domain.order import Order
    from functions.services.archive_events import ArchiveEvents
    from functions.services.expire_orders import ExpireOrders
    from functions.services.fulfil_order import FulfilOrder
    from functions.services.notify_customer import NotifyCustomer
    from functions.services.notify_ops import NotifyOps
    from functions.services.place_order import PlaceOrder
    from functions.services.project_demand import ProjectDemand
    from functions.services.relay_events import RelayEvents
    from functions.services.saga_tasks import Tasks


@dataclass(frozen=True)
class App:
    """One function's services. A function reads only the variables of the services that it uses."""

    environment: Environment
    ports: Ports

    @cached_property
    def api(self) -> ApiServices:
        from functions.api.cors import CorsRules
        from functions.api.handlers import ApiServices
        from functions.services.cancel_order import CancelOrder
        from functions.services.read_orders import ReadOrders

        read = ReadOrders(self.ports.orders)
        return ApiServices(
            place=self._place,
            order=read.one,
            page=read.page,
            cancel=CancelOrder(self._changes),
            verify=self._verifier(),
            cors=CorsRules(self.environment.names(Variable.CORS_ORIGINS)),
        )

    @cached_property
    def relay_events(self) -> RelayEvents:
        from functions.services.relay_events import RelayEvents

        return RelayEvents(self.ports.publisher)

    @cached_property
    def fulfil_order(self) -> FulfilOrder:
        from functions.services.fulfil_order import FulfilOrder

        return FulfilOrder(self.ports.workflow)

    @cached_property
    def project_demand(self) -> ProjectDemand:
        from functions.services.project_demand import ProjectDemand

        return ProjectDemand(self.ports.demand)

    @cached_property
    def notify_customer(self) -> NotifyCustomer:
        from functions.services.notify_customer import NotifyCustomer

        return NotifyCustomer(self.ports.customer)

    @cached_property
    def archive_events(self) -> ArchiveEvents:
        from functions.services.archive_events import ArchiveEvents

        return ArchiveEvents(self.ports.archive)

    @cached_property
    def notify_ops(self) -> NotifyOps:
        from functions.services.notify_ops import NotifyOps

        return NotifyOps(self._operators())

    @cached_property
    def expire_orders(self) -> ExpireOrders:
        from functions.services.expire_orders import ExpireOrders

        return ExpireOrders(changes=self._changes, after_hours=self.environment.integer(Variable.EXPIRE_AFTER_HOURS))

    @cached_property
    def order_tasks(self) -> Tasks:
        from functions.domain.order import ShopRules
        from functions.services.saga_tasks import OrderTasks

        rules = ShopRules(
            currencies=frozenset(self.environment.names(Variable.CURRENCIES)),
            max_total_minor=self.environment.integer(Variable.MAX_TOTAL_MINOR),
        )
        return OrderTasks(changes=self._changes, rules=rules).table()

    @cached_property
    def inventory_tasks(self) -> Tasks:
        from functions.adapters.sandbox.inventory import SandboxInventory
        from functions.services.saga_tasks import InventoryTasks

        inventory = SandboxInventory(self.ports.inventory, self.ports.ledger)
        return InventoryTasks(changes=self._changes, inventory=inventory).table()

    @cached_property
    def payment_tasks(self) -> Tasks:
        from functions.services.saga_tasks import PaymentTasks

        return PaymentTasks(changes=self._changes, payments=self._payments()).table()

    @cached_property
    def delivery_tasks(self) -> Tasks:
        from functions.adapters.sandbox.warehouse import SandboxWarehouse
        from functions.services.saga_tasks import DeliveryTasks

        return DeliveryTasks(
            changes=self._changes, customer=self.ports.customer, warehouse=SandboxWarehouse(self.ports.ledger)
        ).table()

    @cached_property
    def _changes(self) -> OrderChanges:
        return OrderChanges(orders=self.ports.orders, clock=self.ports.clock)

    @cached_property
    def _place_order(self) -> PlaceOrder:
        from functions.services.place_order import PlaceOrder

        return PlaceOrder(
            orders=self.ports.orders,
            clock=self.ports.clock,
            remembered_for=timedelta(hours=self.environment.integer(Variable.IDEMPOTENCY_HOURS)),
        )

    def _place(self, tenant: str, body: PlaceOrderBody, key: str | None, body_sha256: str) -> Order:
        from functions.domain.order import Line
        from functions.services.place_order import NewOrder

        return self._place_order(
            NewOrder(
                tenant=tenant,
                currency=body.currency,
                lines=tuple(
                    Line(sku=item.sku, quantity=item.quantity, unit_price_minor=item.unit_price_minor)
                    for item in body.items
                ),
                payment_method=body.payment_method,
                idempotency_key=key,
                body_sha256=body_sha256,
            )
        )

    def _verifier(self) -> TokenVerifier | None:
        """None where the keys are not given: there a gateway verifies, and a call that went round it is refused."""
        location = self.environment.get(Variable.TOKEN_KEYS)
        if location is None:
            return None
        from functions.adapters.http.keys import key_document
        from functions.api.keys import KeySet
        from functions.api.tokens import TokenVerifier

        return TokenVerifier(
            issuer=self.environment[Variable.TOKEN_ISSUER],
            audience=self.environment[Variable.TOKEN_AUDIENCE],
            keys=KeySet(key_document(location)),
        )

    def _payments(self) -> PaymentGateway:
        url = self.environment.get(Variable.PAYMENT_URL)
        if url is None:
            from functions.adapters.sandbox.payments import SandboxPaymentGateway

            return SandboxPaymentGateway(self.ports.ledger)
        from functions.adapters.http.payments import HttpPaymentGateway

        return HttpPaymentGateway(url, self.environment[Variable.PAYMENT_SECRET], self.ports.secrets)

    def _operators(self) -> OpsChannel:
        url = self.environment.get(Variable.WEBHOOK_URL)
        if url is None:
            from functions.adapters.sandbox.operators import LoggedNotifications

            return LoggedNotifications()
        from functions.adapters.http.webhook import Webhook

        return Webhook(url, self.environment.get(Variable.WEBHOOK_SECRET), self.ports.secrets)
