"""Three tenants at once, in any order of requests: none sees, pages into or changes what is another's.

`HOSTILE` is how many such orders of requests are tried, drawn anew; without it they are few and always the same.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
import urllib3
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from functions.domain.order import OrderStatus
from tests.local_system import Running

IS_LONG = "HOSTILE" in os.environ
RUNS = int(os.environ.get("HOSTILE", "12"))
TENANTS = st.sampled_from(["acme", "globex", "initech"])
KEYS = st.sampled_from(["monday", "tuesday"])
AMOUNTS = st.sampled_from([1, 2])
LIMITS = st.integers(1, 4)
STATUSES = st.sampled_from(sorted(OrderStatus))
NOBODYS = "ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG"
_runs = count()


@dataclass(frozen=True)
class Placed:
    tenant: str
    order_id: str


@dataclass(frozen=True)
class Handed:
    """A cursor, to whom it was given, and what it then led to."""

    tenant: str
    cursor: str
    status: str | None
    limit: int


@dataclass
class Walk:
    """A tenant on its way through its orders, page by page, while more are placed."""

    tenant: str
    status: str | None
    limit: int
    expected: frozenset[str]
    seen: list[dict[str, Any]] = field(default_factory=list)
    cursor: str | None = None


class Tenants(RuleBasedStateMachine):
    system: ClassVar[Running]

    placed = Bundle("placed")
    handed = Bundle("handed")
    walks = Bundle("walks")

    def __init__(self) -> None:
        super().__init__()
        self.http = urllib3.PoolManager(retries=False, timeout=30, maxsize=5)
        self.orders: dict[str, list[str]] = {"acme": [], "globex": [], "initech": []}
        self.known: dict[tuple[str, str], tuple[int, str]] = {}
        self.tokens: Mapping[str, str] = {}

    @initialize()
    def each_tenant_is_new(self) -> None:
        number = next(_runs)
        self.tokens = {tenant: self.system.token(f"{tenant}-{number}") for tenant in self.orders}

    @rule(target=placed, tenant=TENANTS, amount=AMOUNTS)
    def place(self, tenant: str, amount: int) -> Placed:
        status, receipt = self.ask(tenant, "POST", "/orders", body=order(amount))
        assert status == 202, receipt
        return self.remember(tenant, receipt["order_id"])

    @rule(target=placed, tenants=st.lists(TENANTS, min_size=2, max_size=5))
    def place_several_in_one_moment(self, tenants: list[str]) -> Any:  # noqa: ANN401
        with ThreadPoolExecutor(len(tenants)) as pool:
            answers = list(pool.map(lambda tenant: self.ask(tenant, "POST", "/orders", body=order(1)), tenants))
        assert {status for status, _ in answers} == {202}
        receipts = zip(tenants, (receipt for _, receipt in answers), strict=True)
        return multiple(*(self.remember(tenant, receipt["order_id"]) for tenant, receipt in receipts))

    @rule(target=placed, tenant=TENANTS, key=KEYS, amount=AMOUNTS)
    def place_under_a_key_that_others_use_too(self, tenant: str, key: str, amount: int) -> Any:  # noqa: ANN401
        status, answer = self.ask(tenant, "POST", "/orders", body=order(amount), key=key)
        first_amount, first_id = self.known.get((tenant, key), (amount, ""))
        if first_amount != amount:
            assert (status, answer["type"]) == (409, "urn:orderly:problem:idempotency-key-reused")
            return multiple()
        assert status == 202, answer
        if first_id:
            assert answer["order_id"] == first_id
            return multiple()
        self.known[tenant, key] = amount, answer["order_id"]
        return self.remember(tenant, answer["order_id"])

    @rule(of=placed, tenant=TENANTS)
    def look(self, of: Placed, tenant: str) -> None:
        status, answer = self.ask(tenant, "GET", f"/orders/{of.order_id}")
        if tenant == of.tenant:
            assert (status, answer["order_id"]) == (200, of.order_id)
        else:
            assert_is_not_there(status, answer, of.order_id, *self.ask(tenant, "GET", f"/orders/{NOBODYS}"))

    @rule(of=placed, tenant=TENANTS)
    def cancel(self, of: Placed, tenant: str) -> None:
        before = self.ask(of.tenant, "GET", f"/orders/{of.order_id}")[1]["status"]
        status, answer = self.ask(tenant, "POST", f"/orders/{of.order_id}/cancellation", body={})
        if tenant == of.tenant:
            assert status in (202, 409), answer
            return
        unknown = self.ask(tenant, "POST", f"/orders/{NOBODYS}/cancellation", body={})
        assert_is_not_there(status, answer, of.order_id, *unknown)
        after = self.ask(of.tenant, "GET", f"/orders/{of.order_id}")[1]["status"]
        assert after != "CANCELLED" or before == "CANCELLED"

    @rule(target=handed, tenant=TENANTS, status=st.none() | STATUSES, limit=LIMITS)
    def list_orders(self, tenant: str, status: str | None, limit: int) -> Any:  # noqa: ANN401
        page, cursor = self.page(tenant, status, limit)
        if status is None:
            assert len(page) == min(limit, len(self.orders[tenant]))
        return multiple() if cursor is None else Handed(tenant, cursor, status, limit)

    @rule(of=handed, tenant=TENANTS, status=st.none() | STATUSES, limit=LIMITS)
    def follow_a_cursor_that_may_be_stolen(self, of: Handed, tenant: str, status: str | None, limit: int) -> None:
        """Whoever it was given to: it leads to the asker's own orders that are older, and to no other."""
        page, _ = self.page(tenant, status, limit, of.cursor)
        position = urlsafe_b64decode(of.cursor + "=" * (-len(of.cursor) % 4)).decode().split()
        assert all(place_of(each) < (milliseconds(position[0]), position[1]) for each in page)

    @rule(of=handed)
    def follow_a_cursor_again(self, of: Handed) -> None:
        if of.status is None:
            first, _ = self.page(of.tenant, None, of.limit, of.cursor)
            self.place(of.tenant, 1)
            again, _ = self.page(of.tenant, None, of.limit, of.cursor)
            assert ids(first) == ids(again)

    @rule(of=handed, at=st.integers(0, 200), into=st.sampled_from("AZaz09-_"), tenant=TENANTS)
    def follow_a_cursor_that_was_changed(self, of: Handed, at: int, into: str, tenant: str) -> None:
        """Where what comes out is a position too, it is one among the asker's own."""
        at %= len(of.cursor)
        changed = of.cursor[:at] + into + of.cursor[at + 1 :]
        status, answer = self.ask(tenant, "GET", "/orders", cursor=changed, limit=4)
        assert status in (200, 400), answer
        if status == 200:
            assert set(ids(answer["orders"])) <= set(self.orders[tenant])

    @rule(of=handed, size=st.integers(0, 200), tenant=TENANTS)
    def follow_a_cursor_that_was_cut_off_or_drawn_out(self, of: Handed, size: int, tenant: str) -> None:
        size %= len(of.cursor)
        for cursor in (of.cursor[:size], of.cursor + of.cursor[:size] + "A"):
            assert self.ask(tenant, "GET", "/orders", cursor=cursor)[0] == 400

    @rule(target=walks, tenant=TENANTS, status=st.none() | STATUSES, limit=LIMITS)
    def begin_to_page(self, tenant: str, status: str | None, limit: int) -> Any:  # noqa: ANN401
        return self.next_page(Walk(tenant, status, limit, frozenset(self.orders[tenant])))

    @rule(target=walks, walk=consumes(walks))
    def page_on(self, walk: Walk) -> Any:  # noqa: ANN401
        return self.next_page(walk)

    def teardown(self) -> None:
        """Every order is still there, once, whoever looked at it."""
        for tenant in self.orders if self.tokens else ():
            walk = Walk(tenant, None, 50, frozenset(self.orders[tenant]))
            while self.next_page(walk) is walk:
                pass
        self.http.clear()

    def next_page(self, walk: Walk) -> Any:  # noqa: ANN401 -- the walk, or that it is over
        page, walk.cursor = self.page(walk.tenant, walk.status, walk.limit, walk.cursor)
        walk.seen += page
        assert all(place_of(newer) > place_of(older) for newer, older in pairwise(walk.seen))
        if walk.cursor is not None:
            return walk
        if walk.status is None:
            assert walk.expected <= set(ids(walk.seen))
        return multiple()

    def page(
        self, tenant: str, status: str | None, limit: int, cursor: str | None = None
    ) -> tuple[list[dict[str, Any]], str | None]:
        code, answer = self.ask(tenant, "GET", "/orders", status=status, limit=limit, cursor=cursor)
        assert code == 200, answer
        page: list[dict[str, Any]] = answer["orders"]
        assert len(page) <= limit
        assert set(ids(page)) <= set(self.orders[tenant])
        assert {each["status"] for each in page} <= ({status} if status else set(OrderStatus))
        return page, answer["next_cursor"]

    def remember(self, tenant: str, order_id: str) -> Placed:
        assert all(order_id not in orders for orders in self.orders.values())
        self.orders[tenant].append(order_id)
        return Placed(tenant, order_id)

    def ask(
        self, tenant: str, method: str, path: str, *, body: object = None, key: str = "", **query: object
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.tokens[tenant]}", **({"Idempotency-Key": key} if key else {})}
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        url = f"{self.system.url}{path}{'?' if asked else ''}{asked}"
        answer = self.http.request(method, url, json=body, headers=headers)
        return answer.status, answer.json()


def assert_is_not_there(
    status: int, answer: dict[str, Any], order_id: str, wanted: int, of_none: dict[str, Any]
) -> None:
    """An order of another tenant is told from one of nobody's by nothing but the id that was asked for."""
    told, unknown = ({**each, "instance": ""} for each in (answer, of_none))
    assert (status, json.dumps(told).replace(order_id, NOBODYS)) == (wanted, json.dumps(unknown))
    assert status == 404


def order(amount: int) -> dict[str, Any]:
    items = [{"sku": "TEAPOT", "quantity": amount, "unit_price_minor": 100}]
    return {"currency": "EUR", "items": items, "payment_method": "sandbox-approve"}


def ids(page: list[dict[str, Any]]) -> list[str]:
    return [each["order_id"] for each in page]


def place_of(listed: dict[str, Any]) -> tuple[str, str]:
    return milliseconds(listed["placed_at"]), listed["order_id"]


def milliseconds(moment: str) -> str:
    return moment.replace("Z", "")[:23].ljust(20, ".").ljust(23, "0")


@pytest.fixture
def tenants(system: Running) -> Iterator[type[Tenants]]:
    Tenants.system = system
    yield Tenants
    del Tenants.system


def test_no_tenant_sees_pages_into_or_changes_what_is_anothers(tenants: type[Tenants]) -> None:
    run_state_machine_as_test(
        tenants,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=60,
            derandomize=not IS_LONG,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
