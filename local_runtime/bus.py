"""Carries what is published to queues: a bus by its rules, a topic by its subscriptions; all entries or none.

Each matching rule and subscription delivers a copy of its own, as the clouds do, so consumers recognise duplicates by
the entry's id.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence

from local_runtime.client import Entry
from local_runtime.declarations import EventBus, Rule, Subscription, Topic
from local_runtime.errors import RunTimeError
from local_runtime.patterns import Attributes, Matcher, compile_pattern
from local_runtime.store import Store

Put = Callable[[sqlite3.Connection, str, Entry], None]


class Bus:
    """Every bus and topic of the system."""

    def __init__(
        self,
        store: Store,
        put: Put,
        *,
        buses: Mapping[str, EventBus],
        topics: Mapping[str, Topic],
        rules: Mapping[str, Rule],
        subscriptions: Mapping[str, Subscription],
    ) -> None:
        self._store = store
        self._put = put
        self._routes: dict[str, list[tuple[Matcher, str]]] = {
            **{f"bus/{name}": [] for name in buses},
            **{f"topic/{name}": [] for name in topics},
        }
        for rule in rules.values():
            matcher = compile_pattern(rule.pattern)
            self._routes[f"bus/{rule.bus}"] += [(matcher, target) for target in rule.targets]
        for subscription in subscriptions.values():
            route = (compile_pattern(subscription.filter), f"queue/{subscription.queue}")
            self._routes[f"topic/{subscription.topic}"].append(route)

    def publish(self, destination: str, entries: Sequence[Entry]) -> None:
        """Put every entry into each queue that wants it, in one transaction; what nobody wants is dropped.

        Raises RunTimeError for a destination that does not exist.
        """
        if destination not in self._routes:
            known = ", ".join(sorted(self._routes)) or "nothing"
            raise RunTimeError(f"there is no {destination} to publish to; declared are {known}")
        deliveries = [(queue, entry) for entry in entries for queue in self._queues(destination, entry.attributes)]

        def change(connection: sqlite3.Connection) -> None:
            for queue, entry in deliveries:
                self._put(connection, queue, entry)

        if deliveries:
            self._store.write(change)

    def _queues(self, destination: str, attributes: Attributes) -> Iterator[str]:
        for matches, target in self._routes[destination]:
            if not matches(attributes):
                continue
            kind, _, name = target.partition("/")
            if kind == "queue":
                yield name
            else:
                yield from self._queues(target, attributes)
