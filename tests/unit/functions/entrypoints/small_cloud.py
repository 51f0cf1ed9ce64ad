"""The functions of a local system, each with its own grants and nothing more, and a hand that carries their events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.saga.decider import Call, Ended, Kind, decide
from components.saga.decider import Entry as JournalEntry
from components.saga.order import ORDER_SAGA
from functions.api.messages import Request, Response
from functions.entrypoints import local
from functions.environment import Variable
from local_runtime import store as stores
from local_runtime.client import BatchResult, Client, Context, Entry, Message, Record, TaskCall, TaskOutcome
from local_runtime.declarations import Function, Grant
from local_runtime.home import Home
from local_runtime.permissions import GrantedClient
from local_runtime.store import Store

READ, WRITE = ("read", "database/orders"), ("write", "database/orders")
GRANTS: Mapping[str, Sequence[tuple[Any, str]]] = {
    "api": [READ, WRITE],
    "relay": [("publish", "bus/orders")],
    "fulfil": [("start", "workflow/order")],
    "order-tasks": [READ, WRITE],
    "inventory-tasks": [READ, WRITE],
    "payment-tasks": [READ, WRITE, ("read", "secret/payment-api-key")],
    "delivery-tasks": [READ, WRITE],
    "project-demand": [WRITE],
    "notify-customer": [WRITE],
    "archive-events": [("write", "bucket/event-archive")],
    "notify-ops": [("read", "secret/webhook-secret")],
    "cleanup": [READ, WRITE],
}
DATABASE: Mapping[str, str] = {Variable.DATABASE: "orders"}
VARIABLES: Mapping[str, Mapping[str, str]] = {
    "api": {**DATABASE, Variable.IDEMPOTENCY_HOURS: "24", Variable.CORS_ORIGINS: "https://shop.example"},
    "relay": {Variable.EVENT_BUS: "orders", Variable.HIGH_VALUE_MINOR: "10000"},
    "fulfil": {Variable.WORKFLOW: "order"},
    "order-tasks": {**DATABASE, Variable.CURRENCIES: "EUR,GBP", Variable.MAX_TOTAL_MINOR: "1000000"},
    "inventory-tasks": {**DATABASE, Variable.SANDBOX_STOCK: "10"},
    "payment-tasks": DATABASE,
    "delivery-tasks": DATABASE,
    "project-demand": DATABASE,
    "notify-customer": DATABASE,
    "archive-events": {Variable.BUCKET: "event-archive"},
    "notify-ops": {},
    "cleanup": {**DATABASE, Variable.EXPIRE_AFTER_HOURS: "24"},
}
TASKS = {
    "order-tasks": ("validate-order", "complete-order", "reject-order", "fail-order"),
    "inventory-tasks": ("reserve-inventory", "release-inventory", "commit-inventory", "restock"),
    "payment-tasks": ("process-payment", "refund-payment"),
    "delivery-tasks": ("send-confirmation", "notify-warehouse", "cancel-shipment"),
}
ORDER: Mapping[str, Any] = {
    "currency": "EUR",
    "items": [{"sku": "TEAPOT", "quantity": 2, "unit_price_minor": 1999}],
    "payment_method": "sandbox-approve",
}
CLAIMS = {"tenant": "acme", "sub": "ann", "scope": "orders:read orders:write"}


@dataclass
class Cloud:
    """`more` are variables that a test adds to a function's own, `failing` the sagas that cannot be started."""

    home: Home
    store: Store
    more: dict[str, Mapping[str, str]] = field(default_factory=dict)
    published: list[Entry] = field(default_factory=list)
    runs: dict[str, Mapping[str, object]] = field(default_factory=dict)
    failing: Mapping[str, Exception] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    def context(self, function: str) -> Context:
        return Context(
            function=function,
            environment={**VARIABLES[function], **self.more.get(function, {})},
            client=self.clients.setdefault(function, self._client(function)),
            request_id="request-1",
            deadline=datetime.now(UTC),
        )

    def publish(self, destination: str, entries: Sequence[Entry]) -> None:
        self.published.extend(entries)

    def start(self, run_id: str, data: Mapping[str, object]) -> bool:
        if run_id in self.failing:
            raise self.failing[run_id]
        is_new = run_id not in self.runs
        self.runs[run_id] = data
        return is_new

    def ask(
        self, method: str, path: str, body: object = None, claims: Mapping[str, object] | None = CLAIMS, **headers: str
    ) -> Response:
        request = Request(
            method=method,
            path=path,
            headers={"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}},
            body=b"" if body is None else json.dumps(body).encode(),
            claims=claims,
        )
        return local.api(request, self.context("api"))

    def place(self, **changed: object) -> str:
        response = self.ask("POST", "/orders", {**ORDER, **changed})
        assert response.status == 202, response.body
        return str(json.loads(response.body)["order_id"])

    def show(self, order_id: str) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self.ask("GET", f"/orders/{order_id}").body)
        return shown

    def relay(self) -> list[Entry]:
        """Deliver the whole change feed; returns what reached the bus."""
        rows = self.rows("SELECT position, body FROM change_feed ORDER BY position")
        self.published.clear()
        local.relay([Record(position=position, body=body) for position, body in rows], self.context("relay"))
        return self.published

    def deliver(self, function: str, *bodies: bytes) -> BatchResult:
        """One batch; the messages are called m0, m1 and so on."""
        consumer: Callable[[Sequence[Message], Context], BatchResult] = getattr(local, function.replace("-", "_"))
        messages = [
            Message(id=f"m{number}", body=body, attributes={}, receive_count=1) for number, body in enumerate(bodies)
        ]
        return consumer(messages, self.context(function))

    def run_saga(self, order_id: str) -> Ended:
        journal: list[JournalEntry] = []
        while not isinstance(decision := decide(ORDER_SAGA, journal), Ended):
            for call in decision.calls:
                journal.append(self._perform(call, order_id))
        return decision

    def perform(self, task: str, key: str, data: Mapping[str, object]) -> TaskOutcome:
        return self.answer(TaskCall(task=task, run_id="run", key=key, attempt=1, data=data))

    def answer(self, call: TaskCall) -> TaskOutcome:
        function = next(name for name, tasks in TASKS.items() if call.task in tasks)
        handler: Callable[[TaskCall, Context], TaskOutcome] = getattr(local, function.replace("-", "_"))
        return handler(call, self.context(function))

    def rows(self, query: str) -> list[Any]:
        return self.store.read(lambda connection: connection.execute(query).fetchall())

    def _perform(self, call: Call, order_id: str) -> JournalEntry:
        outcome = self.answer(
            TaskCall(
                task=call.task,
                run_id=order_id,
                key=call.key(order_id),
                attempt=call.attempt,
                data=self.runs[order_id],
                failure=call.failure,
                uncompensated=call.uncompensated,
            )
        )
        return JournalEntry(
            kind=Kind.SUCCEEDED if outcome.code is None else Kind.REFUSED,
            phase=call.phase,
            step=call.step,
            attempt=call.attempt,
            code=outcome.code or "",
            message=outcome.message,
        )

    def _client(self, function: str) -> GrantedClient:
        grants = [Grant(verb=verb, resource=resource) for verb, resource in GRANTS[function]]
        declared = Function(name=function, handler="functions.entrypoints.local:api", grants=grants)
        return GrantedClient(declared, store=self.store, publisher=self, workflows={"order": self}, home=self.home)


@contextmanager
def small_cloud(folder: Path) -> Iterator[Cloud]:
    home = Home(folder)
    stores.create(home.database, ("functions.adapters.local/schema.sql",))
    store = Store(home.database)
    try:
        yield Cloud(home, store)
    finally:
        store.close()
