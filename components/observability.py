"""Raises an alarm for whatever would otherwise be found by a customer; logs are kept as long as configured.

| alarm | aws | gcp | azure | local |
|---|---|---|---|---|
| a dead letter | visible in its queue | undelivered messages | DeadletteredMessages | dead-letters |
| a queue that is behind | age of the oldest message | oldest unacked message | ActiveMessages | queue-age-seconds |
| a change feed that is behind | iterator age | Eventarc's pending events | a log query | feed-lag |
| a function that fails | errors, throttles | 5xx rate | failed requests | function-errors |
| a saga that is stuck | timed-out executions | failed executions | failed instances | stuck-sagas |
| a compensation that keeps failing | the task's metric | a log metric | a log query | failed-compensations |
"""

from __future__ import annotations

from dataclasses import dataclass

from components.api import Api
from components.component import Component
from components.database import Database
from components.function import Function
from components.queue import Queue
from components.workflow import Workflow


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    api: Api
    functions: tuple[Function, ...]
    queues: tuple[Queue, ...]
    database: Database
    workflow: Workflow


class Observability(Component[ObservabilityArgs]):
    """Made after everything that it watches."""
