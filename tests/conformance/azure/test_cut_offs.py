"""An instance may end between any two of its calls: whoever does the same again ends where it would have ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from functions.adapters.azure import layout
from functions.adapters.azure.items import Item, Items, Write
from functions.domain.errors import RetryableError, VersionConflictError
from functions.domain.order import Line
from functions.ports import IdempotencyRecord
from tests.conformance.azure_target import LEASE, AzureTarget, open_azure
from tests.unit.functions.orders import NOON, placed
from tests.unit.functions.services.memory import HandMovedClock

Result = TypeVar("Result")
LINES = [Line(sku=f"SKU-{number}", quantity=2, unit_price_minor=100) for number in range(3)]
ORDER, EVENTS = placed()
KEY = IdempotencyRecord(
    tenant="acme", key="key-1", body_sha256="digest", order_id=ORDER.order_id, expires_at=NOON + timedelta(hours=1)
)
MOST_CALLS = 12


class EndedError(BaseException):
    """No `except` of an adapter's keeps an instance alive."""


@dataclass(frozen=True)
class Mortal(Items):
    """Ends after a number of calls, the last of which was done or was not."""

    calls: int = field(kw_only=True)
    done: bool = field(kw_only=True)
    made: list[str] = field(default_factory=list, kw_only=True)

    def get(self, partition: str, id_: str) -> Item | None:
        return self._live(lambda: super(Mortal, self).get(partition, id_))

    def find(self, partition: str, query: str, values: Mapping[str, str], *, limit: int | None = None) -> list[Any]:
        return self._live(lambda: super(Mortal, self).find(partition, query, values, limit=limit))

    def write(self, partition: str, writes: Sequence[Write]) -> list[Mapping[str, Any]]:
        return self._live(lambda: super(Mortal, self).write(partition, writes))

    def _live(self, do: Callable[[], Result]) -> Result:
        self.made.append("call")
        if len(self.made) < self.calls:
            return do()
        if self.done:
            do()
        raise EndedError


Change = Callable[[AzureTarget, Callable[[Items], Items]], object]
"""Does it by the items that it is given in the place of its own."""


def on_inventory(name: str, *, of: str = "one") -> Change:
    def change(azure: AzureTarget, through: Callable[[Items], Items]) -> object:
        stock = replace(azure.inventory, items=through(azure.inventory.items))
        lines = [LINES] if name == "reserve" else []
        return getattr(stock, name)(of, *lines)

    return change


def record(event_id: str) -> Change:
    def change(azure: AzureTarget, through: Callable[[Items], Items]) -> object:
        replace(azure.demand, items=through(azure.demand.items)).record(event_id, {"CUP": 2})
        return None

    return change


def start(azure: AzureTarget, through: Callable[[Items], Items]) -> object:
    """Whoever comes again while the lease of the one that ended lasts is told to wait."""
    clock = HandMovedClock()
    workflow = replace(azure.workflow, items=through(azure.workflow.items), clock=clock)
    try:
        workflow.start("order", {"order_id": "order"})
    except RetryableError:
        clock.advance(seconds=LEASE.total_seconds())
        workflow.start("order", {"order_id": "order"})
    return None


def append(azure: AzureTarget, through: Callable[[Items], Items]) -> object:
    """Whoever comes again is told that it was done, or does it."""
    orders = replace(azure.orders, items=through(azure.orders.items))
    try:
        orders.append(*ORDER.reserve(NOON))
    except VersionConflictError:
        assert azure.orders.get("acme", ORDER.order_id).version == 2
    return None


CHANGES: Mapping[str, tuple[Sequence[Change], Change]] = {
    "reserve of new articles": ([], on_inventory("reserve")),
    "reserve of known articles": ([on_inventory("reserve", of="another")], on_inventory("reserve")),
    "release": ([on_inventory("reserve")], on_inventory("release")),
    "release of nothing": ([], on_inventory("release")),
    "commit": ([on_inventory("reserve")], on_inventory("commit")),
    "restock": ([on_inventory("reserve"), on_inventory("commit")], on_inventory("restock")),
    "add": (
        [],
        lambda azure, through: replace(azure.orders, items=through(azure.orders.items)).add(ORDER, EVENTS, KEY),
    ),
    "append": ([lambda azure, _: azure.orders.add(ORDER, EVENTS, KEY)], append),
    "record of new articles": ([], record("one:1")),
    "record of known articles": ([record("zero:1")], record("one:1")),
    "record_once": (
        [],
        lambda azure, through: replace(azure.ledger, items=through(azure.ledger.items)).record_once("a", {"n": 1}),
    ),
    "tell": (
        [],
        lambda azure, through: replace(azure.customer, items=through(azure.customer.items)).tell(
            key="a", tenant="acme", order_id="order", subject="hello"
        ),
    ),
    "start": ([], start),
}


def state(azure: AzureTarget) -> object:
    """All that is there but whose a lease is and until when, which depends on who took it."""
    items = {each.name: azure.items(each.name) for each in layout.CONTAINERS}
    for run in items[layout.RUNS].values():
        del run["owner"], run["lease_until"]
    return items, azure.feed(), azure.runs()


def with_all_before(azure: AzureTarget, before: Sequence[Change]) -> None:
    for change in before:
        change(azure, lambda items: items)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_was_cut_off_anywhere_ends_well_when_it_comes_again(name: str, done: bool) -> None:
    before, change = CHANGES[name]
    with open_azure() as whole:
        with_all_before(whole, before)
        answer = change(whole, lambda items: items)
        expected = state(whole)
    for calls in range(1, MOST_CALLS):
        with open_azure() as azure:
            with_all_before(azure, before)
            try:
                change(azure, lambda items: Mortal(items.open, items.key, calls=calls, done=done))  # noqa: B023
            except EndedError:
                assert change(azure, lambda items: items) == answer
                assert state(azure) == expected
            else:
                assert calls > 1
                return
    pytest.fail(f"{name} takes more than {MOST_CALLS} calls")
