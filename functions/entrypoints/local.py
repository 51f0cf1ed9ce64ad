"""The handlers that the local run time calls: each translates its event, calls a service and says what became of it.

What a handler may touch is its context's client, which holds the function's grants.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from functions import logs, structs
from functions.adapters.local.client import LocalClient
from functions.adapters.local.ports import LocalPorts
from functions.api.dispatch import dispatch
from functions.api.messages import Request, Response
from functions.bootstrap import App
from functions.codec import decode_event
from functions.domain.errors import PermanentError
from functions.domain.events import Event
from functions.environment import Environment
from functions.services.saga_tasks import SagaCall, Tasks, perform
from local_runtime.client import BatchResult, Client, Context, Message, Record, TaskCall, TaskOutcome, Tick

logger = logging.getLogger(__name__)


def api(request: Request, context: Context) -> Response:
    return dispatch(request, _app(context).api)


def relay(records: Sequence[Record], context: Context) -> None:
    _app(context).relay_events([decode_event(record.body) for record in records])


def fulfil(messages: Sequence[Message], context: Context) -> BatchResult:
    fulfil_order = _app(context).fulfil_order
    return _each(messages, context, lambda event, _: fulfil_order(event))


def project_demand(messages: Sequence[Message], context: Context) -> BatchResult:
    project = _app(context).project_demand
    return _each(messages, context, lambda event, _: project(event))


def notify_customer(messages: Sequence[Message], context: Context) -> BatchResult:
    notify = _app(context).notify_customer
    return _each(messages, context, lambda event, _: notify(event))


def archive_events(messages: Sequence[Message], context: Context) -> BatchResult:
    return _each(messages, context, _app(context).archive_events)


def notify_ops(messages: Sequence[Message], context: Context) -> BatchResult:
    notify = _app(context).notify_ops
    return _each(messages, context, lambda event, _: notify(event))


def order_tasks(call: TaskCall, context: Context) -> TaskOutcome:
    return _perform(_app(context).order_tasks, call, context)


def inventory_tasks(call: TaskCall, context: Context) -> TaskOutcome:
    return _perform(_app(context).inventory_tasks, call, context)


def payment_tasks(call: TaskCall, context: Context) -> TaskOutcome:
    return _perform(_app(context).payment_tasks, call, context)


def delivery_tasks(call: TaskCall, context: Context) -> TaskOutcome:
    return _perform(_app(context).delivery_tasks, call, context)


def cleanup(tick: Tick, context: Context) -> None:
    with logs.context(request_id=context.request_id):
        _app(context).expire_orders(tick.at)


def _app(context: Context) -> App:
    client: Any = context.client  # hashable, as every object that does not say otherwise
    return _app_of(client, frozenset(context.environment.items()))


@lru_cache(maxsize=64)
def _app_of(client: Client, variables: frozenset[tuple[str, str]]) -> App:
    """One for each function: the run time gives a function the same client at every call."""
    environment = Environment(dict(variables))
    return App(environment, LocalPorts(environment, LocalClient(client)))


def _each(messages: Sequence[Message], context: Context, handle: Callable[[Event, bytes], None]) -> BatchResult:
    """Handle each message for itself: what can never succeed is dead, what else fails comes again."""
    retry: dict[str, str] = {}
    dead: dict[str, str] = {}
    for message in messages:
        with logs.context(request_id=context.request_id, message_id=message.id):
            try:
                _handle(message, handle)
            except PermanentError as error:
                dead[message.id] = f"{error.code}: {error}"
                logger.warning("message refused", extra={"reason": dead[message.id]})
            except Exception as error:
                # Whatever one message's failure is, it must not be its batch's.
                retry[message.id] = f"{type(error).__name__}: {error}"
                logger.warning("message failed", exc_info=error)
    return BatchResult(retry=retry, dead=dead)


def _handle(message: Message, handle: Callable[[Event, bytes], None]) -> None:
    event = decode_event(message.body)
    logs.bind(order_id=event.order_id, tenant=event.tenant)
    handle(event, message.body)


def _perform(tasks: Tasks, call: TaskCall, context: Context) -> TaskOutcome:
    """A no is an outcome; whatever else goes wrong is raised, and so comes again."""
    end = {"failure": asdict(call.failure), "uncompensated": call.uncompensated} if call.failure else {}
    saga_call = structs.convert({**call.data, **end, "key": call.key}, SagaCall)
    with logs.context(request_id=context.request_id, order_id=saga_call.order_id, tenant=saga_call.tenant):
        try:
            result = perform(tasks, call.task, saga_call)
        except PermanentError as error:
            logger.info("task refused", extra={"task": call.task, "code": error.code})
            return TaskOutcome(code=error.code, message=str(error))
        logger.info("task done", extra={"task": call.task, "attempt": call.attempt})
        return TaskOutcome(result=result)
