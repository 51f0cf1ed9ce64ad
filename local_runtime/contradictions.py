"""Finds every contradiction between declarations before anything runs, one line for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from components.saga.definition import SagaError
from components.saga.json import from_document
from local_runtime.declarations import (
    Alarm,
    Api,
    Bucket,
    Consumer,
    Database,
    Declaration,
    EventBus,
    Feed,
    Function,
    Grant,
    Queue,
    Rule,
    Schedule,
    Subscription,
    Topic,
    Workflow,
)
from local_runtime.declared import Declared
from local_runtime.patterns import PatternError, compile_pattern


def contradictions(declared: Declared) -> Iterator[str]:
    """Each names the resource that holds it, what is wrong and what to do."""
    yield from _check_numbers(declared)
    for kind, check in _CHECKS.items():
        for declaration in declared.all(kind).values():
            yield from check(declared, declaration)


_RESOURCES: dict[str, type[Declaration]] = {
    "bucket": Bucket,
    "bus": EventBus,
    "database": Database,
    "function": Function,
    "queue": Queue,
    "topic": Topic,
    "workflow": Workflow,
}
_ALARMED = {
    "dead-letters": "queue",
    "queue-age-seconds": "queue",
    "feed-lag": "database",
    "stuck-sagas": "workflow",
    "failed-compensations": "workflow",
    "function-errors": "function",
}


def _known(declared: Declared, where: str, *resources: str) -> Iterator[str]:
    """Secrets are files, not declarations: one without a value is found when it is read."""
    for resource in resources:
        kind, _, name = resource.partition("/")
        if kind in _RESOURCES and name not in declared.all(_RESOURCES[kind]):
            known = ", ".join(sorted(declared.all(_RESOURCES[kind]))) or "nothing"
            yield f"{where} names {resource}, which is not declared; declared of this kind: {known}"
        elif kind not in _RESOURCES and kind != "secret":
            kinds = ", ".join(sorted([*_RESOURCES, "secret"]))
            yield f"{where} names {resource}; write a kind, a slash and a name, the kind being one of {kinds}"


def _granted(declared: Declared, where: str, function: str, resource: str) -> Iterator[str]:
    found = declared.all(Function).get(function)
    if found and Grant(verb="consume", resource=resource) not in found.grants:
        yield f"{where}: function {function} may not consume {resource}; grant it where the system is wired"


def _check_numbers(declared: Declared) -> Iterator[str]:
    databases, apis = sorted(declared.all(Database)), sorted(declared.all(Api))
    if len(databases) != 1:
        found = ", ".join(databases) or "none"
        yield f"declare exactly one database, since everything is in one file; declared: {found}"
    if len(apis) > 1:
        yield f"declare at most one api, since there is one port; declared: {', '.join(apis)}"


def _check_consumer(declared: Declared, consumer: Consumer) -> Iterator[str]:
    where = f"consumer {consumer.name}"
    yield from _known(declared, where, f"queue/{consumer.queue}", f"function/{consumer.function}")
    yield from _granted(declared, where, consumer.function, f"queue/{consumer.queue}")
    queue, function = declared.all(Queue).get(consumer.queue), declared.all(Function).get(consumer.function)
    if queue and function and queue.visibility_timeout_seconds <= function.timeout_seconds:
        yield (
            f"{where}: queue {queue.name} shows a message again after {queue.visibility_timeout_seconds:g} s, while "
            f"function {function.name} may take {function.timeout_seconds:g} s; make the visibility timeout longer"
        )


def _check_function(declared: Declared, function: Function) -> Iterator[str]:
    yield from _known(declared, f"function {function.name}", *(grant.resource for grant in function.grants))


def _check_feed(declared: Declared, feed: Feed) -> Iterator[str]:
    where = f"feed {feed.name}"
    yield from _known(declared, where, f"database/{feed.database}", f"function/{feed.function}")
    yield from _granted(declared, where, feed.function, f"database/{feed.database}")


def _check_rule(declared: Declared, rule: Rule) -> Iterator[str]:
    yield from _known(declared, f"rule {rule.name}", f"bus/{rule.bus}", *rule.targets)
    yield from _check_pattern(f"rule {rule.name}", rule.pattern)


def _check_subscription(declared: Declared, subscription: Subscription) -> Iterator[str]:
    where = f"subscription {subscription.name}"
    yield from _known(declared, where, f"topic/{subscription.topic}", f"queue/{subscription.queue}")
    yield from _check_pattern(where, subscription.filter)


def _check_api(declared: Declared, api: Api) -> Iterator[str]:
    yield from _known(declared, f"api {api.name}", f"function/{api.function}")


def _check_alarm(declared: Declared, alarm: Alarm) -> Iterator[str]:
    if alarm.resource:
        yield from _known(declared, f"alarm {alarm.name}", f"{_ALARMED[alarm.metric]}/{alarm.resource}")


def _check_pattern(where: str, pattern: Mapping[str, list[Any]]) -> Iterator[str]:
    try:
        compile_pattern(pattern)
    except PatternError as error:
        yield f"{where}: {error}"


def _check_workflow(declared: Declared, workflow: Workflow) -> Iterator[str]:
    where = f"workflow {workflow.name}"
    yield from _known(declared, where, *(f"function/{function}" for function in workflow.tasks.values()))
    try:
        missing = sorted(from_document(workflow.saga).tasks() - workflow.tasks.keys())
    except SagaError as error:
        yield f"{where}: {error}"
    else:
        yield from (f"{where}: no function performs task {task}; name one in its tasks" for task in missing)


def _check_schedule(declared: Declared, schedule: Schedule) -> Iterator[str]:
    where = f"schedule {schedule.name}"
    yield from _known(declared, where, f"function/{schedule.function}")
    try:
        CronSim(schedule.cron, datetime.now(UTC))
    except CronSimError as error:
        yield f"{where}: cron {schedule.cron!r} is not a schedule ({error}); write five fields, as in '0 3 * * *'"
    try:
        ZoneInfo(schedule.timezone)
    except (KeyError, ValueError, OSError):
        yield f"{where}: timezone {schedule.timezone!r} is not known; use a name such as Europe/Berlin, or UTC"


_CHECKS: dict[type[Declaration], Callable[[Declared, Any], Iterator[str]]] = {
    Function: _check_function,
    Consumer: _check_consumer,
    Feed: _check_feed,
    Rule: _check_rule,
    Subscription: _check_subscription,
    Workflow: _check_workflow,
    Schedule: _check_schedule,
    Api: _check_api,
    Alarm: _check_alarm,
}
