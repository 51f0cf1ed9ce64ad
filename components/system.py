"""The order-processing system: which components it has and how they are linked. Nothing here knows a cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
from pydantic import SecretStr

from components.api import Api, ApiArgs
from components.assembly import Assembly
from components.bucket import Bucket, BucketArgs
from components.config import OrderSystemConfig
from components.database import Database, DatabaseArgs
from components.event_bus import EventBus, EventBusArgs, Pattern
from components.function import Function, FunctionArgs, Trigger
from components.group import Transform
from components.issuer import Issuer, IssuerArgs
from components.link import Link, Variables
from components.notification import Notification, NotificationArgs
from components.observability import Observability, ObservabilityArgs
from components.queue import Queue, QueueArgs
from components.saga.order import ORDER_SAGA
from components.schedule import Schedule, ScheduleArgs
from components.secret import Secret, SecretArgs
from components.topic import Topic, TopicArgs
from components.workflow import Workflow, WorkflowArgs
from functions.domain.events import EventType
from functions.environment import Variable

NO_SETTINGS: Variables = {}

QUEUES = ("fulfilment", "inventory", "notifications", "analytics")

TASKS = {
    "order-tasks": ("validate-order", "complete-order", "reject-order", "fail-order"),
    "inventory-tasks": ("reserve-inventory", "release-inventory", "commit-inventory", "restock"),
    "payment-tasks": ("process-payment", "refund-payment"),
    "delivery-tasks": ("send-confirmation", "notify-warehouse", "cancel-shipment"),
}
"""Which function performs which tasks of the order saga."""

PLACED = (EventType.PLACED.value,)
ENDED = tuple(
    event.value
    for event in (
        EventType.FULFILLED,
        EventType.REJECTED,
        EventType.FAILED,
        EventType.CANCELLED,
        EventType.EXPIRED,
    )
)


class OrderSystem(pulumi.ComponentResource):
    """`transforms` gives a component's transform by its contract and name, as in `queue/fulfilment`."""

    outputs: Mapping[str, pulumi.Input[Any]]
    """What a stack exports."""

    def __init__(
        self,
        name: str,
        *,
        config: OrderSystemConfig,
        transforms: Mapping[str, Transform] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("orderly:index:OrderSystem", name, None, opts)
        self._config, self._functions = config, dict[str, Function]()
        assembly = Assembly(name, config=config, transforms=transforms or {}, parent=self)
        self._make, self._foundation = assembly.make, assembly.foundation
        self._database = self._make_database()
        self._issuer = self._make(Issuer, "issuer", IssuerArgs(configured=config.api.token))
        self._bus = self._make(EventBus, "orders", EventBusArgs())
        self._topic = self._make(Topic, "order-events", TopicArgs())
        self._archive = self._make(Bucket, "event-archive", BucketArgs(deletion_protection=self._protected))
        self._queues = {queue: self._make_queue(queue) for queue in QUEUES}
        self._add_task_functions()
        self._workflow = self._make_workflow()
        self._add_event_functions()
        self._route_events()
        self._notification = self._make_notification()
        self._schedule = self._make_schedule()
        self._api = self._make_api()
        self._make_observability()
        assembly.finish()
        self.outputs = self._outputs()
        self.register_outputs(self.outputs)

    def _make_database(self) -> Database:
        profile = self._config.profile
        args = DatabaseArgs(
            deletion_protection=profile.deletion_protection, point_in_time_recovery=profile.point_in_time_recovery
        )
        return self._make(Database, "orders", args)

    @property
    def _protected(self) -> bool:
        return self._config.profile.deletion_protection

    def _make_queue(self, name: str) -> Queue:
        return self._make(Queue, name, self._queue_args(name))

    def _queue_args(self, name: str) -> QueueArgs:
        settings = self._config.queues.of(name)
        return QueueArgs(visibility_timeout=settings.visibility_timeout, max_receive_count=settings.max_receive_count)

    def _deliveries(self, name: str) -> Trigger:
        return self._queues[name].deliveries(max_concurrency=self._config.queues.of(name).max_concurrency)

    def _function_args(self, handler: str, settings: Variables = NO_SETTINGS) -> FunctionArgs:
        functions = self._config.functions
        return FunctionArgs(
            handler=handler, timeout=functions.timeout, memory_mb=functions.memory_mb, settings=settings
        )

    def _add(
        self,
        name: str,
        *links: Link,
        trigger: Trigger | None = None,
        settings: Variables = NO_SETTINGS,
    ) -> Function:
        """A function whose handler has its name."""
        args = replace(self._function_args(name.replace("-", "_"), settings), links=links, trigger=trigger)
        self._functions[name] = self._make(Function, name, args)
        return self._functions[name]

    def _add_task_functions(self) -> None:
        orders, database = self._config.orders, (self._database.reader(), self._database.writer())
        self._add("order-tasks", *database, settings=self._shop_rules())
        self._add("inventory-tasks", *database, settings={Variable.SANDBOX_STOCK: str(orders.sandbox_stock)})
        self._add("payment-tasks", *database, *self._payment_key(), settings=self._payment_address())
        self._add("delivery-tasks", *database)

    def _shop_rules(self) -> Variables:
        orders = self._config.orders
        return {
            Variable.CURRENCIES: ",".join(orders.currencies),
            Variable.MAX_TOTAL_MINOR: str(orders.max_total_minor),
        }

    def _payment_address(self) -> Variables:
        payments = self._config.payments
        return {Variable.PAYMENT_URL: _private(payments.url)} if payments else {}

    def _payment_key(self) -> tuple[Link, ...]:
        payments = self._config.payments
        if payments is None:
            return ()
        return (self._make_secret("payment-api-key", payments.api_key).reader(Variable.PAYMENT_SECRET),)

    def _make_secret(self, name: str, value: SecretStr) -> Secret:
        return self._make(Secret, name, SecretArgs(value=pulumi.Output.secret(value.get_secret_value())))

    def _make_workflow(self) -> Workflow:
        tasks = {task: self._functions[function] for function, performed in TASKS.items() for task in performed}
        args = WorkflowArgs(
            saga=ORDER_SAGA, tasks=tasks, durability=self._config.workflow.durability, guard=self._database
        )
        return self._make(Workflow, "order", args)

    def _add_event_functions(self) -> None:
        threshold: Variables = {Variable.HIGH_VALUE_MINOR: str(self._config.orders.high_value_threshold_minor)}
        self._add("relay", self._bus.publisher(), trigger=self._database.changes(), settings=threshold)
        self._add("fulfil", self._workflow.starter(), trigger=self._deliveries("fulfilment"))
        self._add("project-demand", self._database.writer(), trigger=self._deliveries("inventory"))
        self._add("notify-customer", self._database.writer(), trigger=self._deliveries("notifications"))
        self._add("archive-events", self._archive.writer(), trigger=self._deliveries("analytics"))

    def _route_events(self) -> None:
        self._bus.rule("placed", where=Pattern(event_types=PLACED), to=self._queues["fulfilment"])
        self._bus.rule("fan-out", where=Pattern(), to=self._topic)
        self._topic.subscribe(self._queues["inventory"], where={"event_type": PLACED})
        self._topic.subscribe(self._queues["notifications"], where={"event_type": ENDED})
        self._topic.subscribe(self._queues["analytics"], where={})

    def _make_notification(self) -> Notification:
        webhook, above = self._config.notification, self._config.orders.high_value_threshold_minor
        args = NotificationArgs(
            bus=self._bus,
            rule="high-value",
            where=Pattern(event_types=PLACED, total_minor_above=above),
            webhook_url=_private(webhook.webhook_url) if webhook else None,
            webhook_secret=self._make_secret("webhook-secret", webhook.webhook_secret) if webhook else None,
            function_name="notify-ops",
            function=self._function_args("notify_ops"),
            queue=self._queue_args("ops-notification"),
            max_concurrency=self._config.queues.max_concurrency,
        )
        return self._make(Notification, "ops-notification", args)

    def _make_schedule(self) -> Schedule:
        cleanup = self._add(
            "cleanup",
            self._database.reader(),
            self._database.writer(),
            settings={Variable.EXPIRE_AFTER_HOURS: str(self._config.orders.expire_after_hours)},
        )
        schedule = self._config.schedule
        return self._make(
            Schedule, "cleanup", ScheduleArgs(cron=schedule.cron, timezone=schedule.timezone, function=cleanup)
        )

    def _make_api(self) -> Api:
        api = self._config.api
        settings: Variables = {
            Variable.CORS_ORIGINS: ",".join(api.cors_origins),
            Variable.IDEMPOTENCY_HOURS: str(api.idempotency_hours),
        }
        args = replace(
            self._function_args("api", settings),
            timeout=api.timeout,
            warm_instances=self._config.profile.warm_instances,
            is_awaited=True,
            links=(*self._database.tenant_access(), self._issuer.verifier()),
        )
        self._functions["api"] = self._make(Function, "api", args)
        return self._make(
            Api,
            "api",
            ApiArgs(
                function=self._functions["api"],
                issuer=self._issuer,
                cors_origins=api.cors_origins,
                rate_per_second=api.rate_per_second,
                burst=api.burst,
            ),
        )

    def _make_observability(self) -> None:
        args = ObservabilityArgs(
            api=self._api,
            functions=(*self._functions.values(), *self._notification.functions),
            queues=(*self._queues.values(), *self._notification.queues),
            database=self._database,
            workflow=self._workflow,
        )
        self._make(Observability, "alarms", args)

    def _outputs(self) -> dict[str, pulumi.Input[Any]]:
        return {
            "api_url": self._api.serve(),
            "target": self._config.target,
            "stage": self._config.stage,
            "token_issuer": self._issuer.issuer,
            "token_audience": self._issuer.audience,
            **self._foundation.outputs,
        }


def _private(address: str) -> pulumi.Output[str]:
    """An address may carry a token, so it is encrypted in the state as a secret is."""
    return pulumi.Output.secret(address)
