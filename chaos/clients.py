"""Clients as they should be: each order has its own Idempotency-Key and is sent until it is answered."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import urllib3

from chaos.plan import Planned

CLIENTS = 6
AGAIN_SECONDS = (0.02, 0.15)
WAITS = frozenset({429, 503, 504})
"""Statuses after which a client sends the same again; a lost answer is another reason to."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """An order that was answered 202; `cancellation` is the status that its cancellation was answered with."""

    planned: Planned
    order_id: str
    cancellation: int | None = None


@dataclass
class Told:
    """What the clients were told, all together."""

    accepted: dict[str, Accepted] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[int] = field(default_factory=Counter)


class Clients:
    """Threads that work off the orders, each of which waits until `is_due` says that its number may be sent."""

    def __init__(
        self, url: str, tokens: Mapping[str, str], plan: Sequence[Planned], is_due: Callable[[int], bool], seed: int
    ) -> None:
        self.told = Told()
        self._url, self._tokens, self._is_due = url, tokens, is_due
        self._waiting = deque(plan)
        self._busy = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(Random(seed + number),), daemon=True)  # noqa: S311 -- no secret
            for number in range(CLIENTS)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def are_done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def are_waiting(self) -> bool:
        """Nobody has an order in hand that may be sent now."""
        return self._busy == 0 and (not self._waiting or not self._is_due(self._waiting[0].number))

    def stop(self) -> None:
        """Give up what was not accepted yet."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(20)

    def _work(self, random: Random) -> None:
        http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=15), retries=False)
        while not self._stop.is_set() and (planned := self._next()):
            try:
                self._serve(http, planned, random)
            except Exception as error:  # noqa: BLE001 -- a client that died unseen would look like an order never sent
                self._surprise(f"the client of order {planned.number} failed: {type(error).__name__}: {error}")
            with self._lock:
                self._busy -= 1
        http.clear()

    def _next(self) -> Planned | None:
        while not self._stop.is_set():
            with self._lock:
                if not self._waiting:
                    return None
                if self._is_due(self._waiting[0].number):
                    self._busy += 1
                    return self._waiting.popleft()
            time.sleep(0.01)
        return None

    def _serve(self, http: urllib3.PoolManager, planned: Planned, random: Random) -> None:
        order_id = self._place(http, planned, random)
        if order_id is None:
            return
        self._note(Accepted(planned=planned, order_id=order_id))
        if planned.is_cancelled:
            answered = self._ask(http, planned, f"/orders/{order_id}/cancellation", b"{}", {202, 409}, random)
            if answered:
                self._note(Accepted(planned=planned, order_id=order_id, cancellation=answered[0]))
        for _ in range(planned.repeats):
            self._count("repeated although answered")
            again = self._place(http, planned, random)
            if again not in (None, order_id):
                self._surprise(f"order {order_id}: its key, sent again, was answered with {again}")
        if planned.repeats > 1:
            other = planned.body(method="sandbox-slow" if planned.method != "sandbox-slow" else "sandbox-decline")
            self._count("key sent with another body")
            self._ask(http, planned, "/orders", other, {409}, random)

    def _place(self, http: urllib3.PoolManager, planned: Planned, random: Random) -> str | None:
        answered = self._ask(http, planned, "/orders", planned.body(), {202}, random)
        return str(answered[1]["order_id"]) if answered else None

    def _ask(
        self, http: urllib3.PoolManager, planned: Planned, path: str, body: bytes, right: set[int], random: Random
    ) -> tuple[int, Any] | None:
        """Until there is an answer; None once the clients have to stop, or were surprised."""
        headers = {
            "Authorization": f"Bearer {self._tokens[planned.tenant]}",
            "Content-Type": "application/json",
            "Idempotency-Key": planned.key,
        }
        while not self._stop.is_set():
            self._count("requests")
            try:
                response = http.request("POST", self._url + path, body=body, headers=headers)
            except urllib3.exceptions.HTTPError as error:
                refused = isinstance(error, urllib3.exceptions.NewConnectionError)
                self._count("found nobody" if refused else "lost their answer")
            else:
                if response.status in right:
                    return response.status, response.json()
                if not self._is_refusal(planned, response):
                    return None
            time.sleep(random.uniform(*AGAIN_SECONDS))
            self._count("sent again")
        return None

    def _is_refusal(self, planned: Planned, response: urllib3.BaseHTTPResponse) -> bool:
        """One that says what it is, and when to come again."""
        what = f"order {planned.number} ({planned.kind}) was answered with {response.status}"
        problem = response.headers.get("Content-Type", "")
        if response.status not in WAITS or problem != "application/problem+json":
            self._surprise(f"{what}: {' '.join(response.data.decode(errors='replace').split())}")
            return False
        if response.status != 504 and not response.headers.get("Retry-After", "").isdigit():
            self._surprise(f"{what} without a Retry-After")
        if json.loads(response.data).get("status") != response.status:
            self._surprise(f"{what}, and its problem says another status")
        with self._lock:
            self.told.refusals[response.status] += 1
        return True

    def _note(self, accepted: Accepted) -> None:
        with self._lock:
            self.told.accepted[accepted.planned.key] = accepted

    def _surprise(self, what: str) -> None:
        with self._lock:
            self.told.surprises.append(what)

    def _count(self, what: str) -> None:
        with self._lock:
            self.told.counts[what] += 1
