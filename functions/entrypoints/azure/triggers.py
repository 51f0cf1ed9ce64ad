"""What calls a handler on Azure, by kind; here alone Azure's objects become ours.

`%NAME%` is a setting of the app that the Functions host puts in, and a connection is what its settings begin with:
SERVICE_BUS__fullyQualifiedNamespace, COSMOS__accountEndpoint and the identity of both. There are no keys, of functions
neither: who may call over HTTP is App Service's to say, and the handler's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from azure.functions import (
    Cardinality,
    Context,
    DataType,
    DocumentList,
    FunctionApp,
    HttpRequest,
    HttpResponse,
    ServiceBusMessage,
    TimerRequest,
)

from functions.adapters.azure import layout
from functions.entrypoints.answers import Handler, answered
from functions.entrypoints.azure.exchange import reply_of, request_of
from functions.entrypoints.azure.observed import observed

DOCUMENTS_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message of a queue, its number in the queue, and the number of this try: 1 at first."""

    id: str
    sequence: int
    body: bytes
    attempt: int
    attributes: Mapping[str, str] = field(default_factory=dict)


class OfTheFeed(Protocol):
    def __call__(self, documents: Sequence[Mapping[str, object]], *, attempt: int) -> None:
        """`attempt` is 1 at first."""


OfAQueue: TypeAlias = Callable[[Delivery], None]
OfATimer: TypeAlias = Callable[[], None]


def on_http(app: FunctionApp, name: str, handler: Handler, *, route: str) -> None:
    """By every method: which of them it takes, the handler says itself."""

    @app.function_name(name)
    @app.route(route=route)
    def called(req: HttpRequest, context: Context) -> HttpResponse:
        with observed(context) as trace:
            request = request_of(req, trace_id=trace)
            return reply_of(answered(handler, request), to_head=request.method == "HEAD")


def on_queue(app: FunctionApp, name: str, handler: OfAQueue) -> None:
    """One message to a call; in binary, so that its bytes are those that were sent, whatever they look like."""

    @app.function_name(name)
    @app.service_bus_queue_trigger(
        arg_name="message",
        connection="SERVICE_BUS",
        queue_name="%ORDERLY_QUEUE%",
        cardinality=Cardinality.ONE,
        data_type=DataType.BINARY,
    )
    def received(message: ServiceBusMessage, context: Context) -> None:
        with observed(context):
            handler(_delivery(message))


def on_feed(app: FunctionApp, name: str, handler: OfTheFeed) -> None:
    """From the first document on, whenever the app is made. An identity cannot make the container of leases."""

    @app.function_name(name)
    @app.cosmos_db_trigger(
        arg_name="documents",
        connection="COSMOS",
        database_name="%ORDERLY_DATABASE%",
        container_name=layout.ORDERS,
        lease_container_name=layout.LEASES,
        create_lease_container_if_not_exists=False,
        start_from_beginning=True,  # type: ignore[arg-type]  # the SDK takes it for a time
        max_items_per_invocation=DOCUMENTS_AT_ONCE,
        feed_poll_delay=1000,
    )
    @app.retry(
        strategy="exponential_backoff",
        max_retry_count="-1",
        minimum_interval="00:00:01",
        maximum_interval="00:01:00",
    )
    def changed(documents: DocumentList, context: Context) -> None:
        with observed(context):
            handler([dict(document) for document in documents], attempt=(context.retry_context.retry_count or 0) + 1)


def on_timer(app: FunctionApp, name: str, handler: OfATimer) -> None:
    """A call that was due while no instance ran is made once one does."""

    @app.function_name(name)
    @app.timer_trigger(arg_name="timer", schedule="%CLEANUP_SCHEDULE%", run_on_startup=False, use_monitor=True)
    def due(timer: TimerRequest, context: Context) -> None:
        with observed(context):
            handler()


def _delivery(message: ServiceBusMessage) -> Delivery:
    texts = {name: str(value) for name, value in (message.application_properties or {}).items()}
    return Delivery(
        id=message.message_id,
        sequence=message.sequence_number or 0,
        body=message.get_body(),
        attempt=message.delivery_count or 1,
        attributes=texts,
    )
