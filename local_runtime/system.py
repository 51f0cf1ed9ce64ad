"""Puts a local system together from its declarations: who calls whom, and which loops have to be kept going."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from threading import Event
from typing import Any

from components.saga.json import from_document
from local_runtime import dead_letters, saga_journal
from local_runtime.alarms import Alarms, Metric
from local_runtime.breakable_tasks import BreakableTasks
from local_runtime.bus import Bus
from local_runtime.client import Client
from local_runtime.clock import system_clock
from local_runtime.console import Watched
from local_runtime.consumers import consumer_loops
from local_runtime.declarations import (
    Alarm,
    Api,
    Consumer,
    EventBus,
    Feed,
    Function,
    Queue,
    Rule,
    Schedule,
    Subscription,
    Topic,
    Workflow,
)
from local_runtime.declared import Declared
from local_runtime.faults import Faults
from local_runtime.feed import FeedReader, forget_other_feeds
from local_runtime.functions import Functions
from local_runtime.home import Home
from local_runtime.permissions import GrantedClient
from local_runtime.queues import Queues
from local_runtime.saga_turns import MAX_CALLS
from local_runtime.sagas import SagaExecutor
from local_runtime.schedules import ScheduleLoop
from local_runtime.store import Store
from local_runtime.supervisor import Loop

API_THREADS = 32
UPKEEP_SECONDS = 60.0
JOURNAL_DAYS = 30
"""How long the journal of a saga that ended well can be looked at."""
FORGOTTEN_AT_ONCE = 200
"""Runs whose journals are dropped in one write."""


class System:
    """Everything but HTTP. Raises HandlerError when a declared handler does not exist."""

    def __init__(self, home: Home, declared: Declared, store: Store) -> None:
        self._home = home
        self._declared = declared
        self._store = store
        self.queues = Queues(store, declared.all(Queue))
        self.bus = self._bus()
        self.workflows: dict[str, SagaExecutor] = {}
        self.functions = Functions(
            declared.all(Function), self._client, background=self._background_threads(), api=API_THREADS
        )
        self.faults = Faults(store, _tasks(declared.all(Workflow).values()))
        self.workflows |= {
            name: SagaExecutor(workflow, store, BreakableTasks(name, self.functions, self.faults))
            for name, workflow in declared.all(Workflow).items()
        }
        self._feeds = {name: FeedReader(feed, store, self.functions) for name, feed in declared.all(Feed).items()}
        self.alarms = Alarms(list(declared.all(Alarm).values()), self._metrics())

    @property
    def api(self) -> Api | None:
        return next(iter(self._declared.all(Api).values()), None)

    def prepare(self) -> None:
        """What has to be done once before the loops start."""
        self.functions.load()
        self.queues.release()
        feeds = list(self._declared.all(Feed))
        self._store.write(lambda connection: forget_other_feeds(connection, feeds))

    def loops(self) -> dict[str, Loop]:
        """Every loop by the name it is shown under."""
        loops: dict[str, Loop] = {"alarms": self.alarms, "upkeep": Upkeep(self._store, self.queues)}
        for name, feed in self._feeds.items():
            loops[f"feed/{name}"] = feed
        for name, workflow in self.workflows.items():
            loops[f"workflow/{name}"] = workflow
        for name, schedule in self._declared.all(Schedule).items():
            loops[f"schedule/{name}"] = ScheduleLoop(schedule, self._store, self.functions)
        for name, consumer in self._declared.all(Consumer).items():
            for number, loop in enumerate(consumer_loops(consumer, self._store, self.queues, self.functions)):
                loops[f"consumer/{name}/{number}"] = loop
        return loops

    def _bus(self) -> Bus:
        return Bus(
            self._store,
            self.queues.put,
            buses=self._declared.all(EventBus),
            topics=self._declared.all(Topic),
            rules=self._declared.all(Rule),
            subscriptions=self._declared.all(Subscription),
        )

    def _client(self, function: Function) -> Client:
        return GrantedClient(function, store=self._store, publisher=self.bus, workflows=self.workflows, home=self._home)

    def _background_threads(self) -> int:
        """As many as can be asked for at once, so that no call waits for a place while its time runs."""
        consumers = sum(consumer.max_concurrency for consumer in self._declared.all(Consumer).values())
        others = len(self._declared.all(Feed)) + len(self._declared.all(Schedule))
        return 1 + consumers + others + MAX_CALLS * len(self._declared.all(Workflow))

    def _metrics(self) -> dict[str, Metric]:
        return {
            "dead-letters": lambda name: self._store.read(lambda c: dead_letters.count(c, name)),
            "queue-age-seconds": self._oldest_message,
            "feed-lag": self._feed_lag,
            "stuck-sagas": lambda name: self._store.read(lambda c: saga_journal.count_stuck(c, name)),
            "failed-compensations": lambda name: self._store.read(lambda c: saga_journal.count_uncompensated(c, name)),
            "function-errors": self.functions.recent_errors,
        }

    def _oldest_message(self, queue: str) -> float:
        names = [queue] if queue else list(self._declared.all(Queue))
        return max((self.queues.age_seconds(name) for name in names), default=0.0)

    def _feed_lag(self, database: str) -> float:
        feeds = self._declared.all(Feed)
        lags = [self._feeds[name].lag() for name, feed in feeds.items() if database in ("", feed.database)]
        return max(lags, default=0)

    def watched(self, health: Callable[[], dict[str, Any]]) -> Watched:
        """What the console is to see and to do."""
        return Watched(home=self._home, declared=self._declared, store=self._store, faults=self.faults, health=health)

    def health(self) -> dict[str, Any]:
        return {"alarms": self.alarms.raised(), "hung_calls": self.functions.hung()}


def _tasks(workflows: Iterable[Workflow]) -> list[str]:
    """Steps before what undoes them, as they are written; a task of several workflows once."""
    sagas = [from_document(workflow.saga) for workflow in workflows]
    steps = [step for saga in sagas for step in saga.steps()]
    undoing = [step.compensation.task for step in steps if step.compensation]
    ends = [task for saga in sagas for task in (saga.on_rejected, saga.on_failed)]
    return list(dict.fromkeys([*(step.task for step in steps), *undoing, *ends]))


class Upkeep:
    """Drops what has been kept long enough."""

    def __init__(self, store: Store, queues: Queues) -> None:
        self._store = store
        self._queues = queues

    def run(self, stop: Event) -> None:
        while not stop.is_set():
            self._queues.expire()
            self._forget(stop, system_clock() - JOURNAL_DAYS * 86_400_000)
            stop.wait(UPKEEP_SECONDS)

    def wake(self) -> None:
        """Nothing to do: the loop waits for the stop itself."""

    def _forget(self, stop: Event, ended_before_ms: int) -> None:
        """In batches, between which others can write."""
        is_more = True
        while is_more and not stop.is_set():
            runs = self._store.read(
                lambda connection: saga_journal.to_forget(connection, ended_before_ms, FORGOTTEN_AT_ONCE)
            )
            if runs:
                self._store.write(partial(saga_journal.forget_journals, runs=runs))
            is_more = len(runs) == FORGOTTEN_AT_ONCE
