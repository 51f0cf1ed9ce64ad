"""How reads and batches go when Cosmos DB is busy, has a fault, loses its answer or is not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from azure.cosmos.exceptions import CosmosHttpResponseError

from functions.adapters.azure import layout
from functions.adapters.azure.clients import AzureUnavailableError
from functions.adapters.azure.items import (
    ATTEMPTS,
    LONGEST_WAIT_SECONDS,
    ConflictError,
    ContentionError,
    ExistsError,
    Items,
    MissingError,
    add,
    change,
    create,
    replace,
)
from functions.domain.errors import RetryableError
from functions.environment import Environment, Variable
from tests.azure.cosmos_fake import CosmosFake
from tests.azure.loopback_clients import LoopbackClients

HERE = "stock"
NEW = create("one", {"units": 1})
SELECT_ONE = 'SELECT * FROM c WHERE c.id IN ("one")'
LOST = None
"""A status that never arrived: the line was cut."""


def contend(fake: CosmosFake, times: int) -> None:
    for _ in range(times):
        fake.fail_next("Batch", 449)


def test_work_that_met_another_is_done_anew_after_a_random_wait(
    fake: CosmosFake, items: Items, waits: list[float]
) -> None:
    contend(fake, 2)
    items.transact(lambda: items.write(HERE, [NEW]))
    assert items.get(HERE, "one")
    assert len(waits) == 2
    assert fake.calls.count("Batch") == 3


def test_work_that_always_meets_others_may_come_again_later(fake: CosmosFake, items: Items, waits: list[float]) -> None:
    contend(fake, ATTEMPTS)
    with pytest.raises(ContentionError):
        items.transact(lambda: items.write(HERE, [NEW]))
    assert (len(waits), items.get(HERE, "one")) == (ATTEMPTS - 1, None)
    assert max(waits) <= LONGEST_WAIT_SECONDS
    assert issubclass(ContentionError, RetryableError)


def test_a_batch_says_which_write_was_refused_and_why(items: Items) -> None:
    items.write(HERE, [NEW])
    with pytest.raises(ExistsError) as exists:
        items.write(HERE, [create("two", {}), NEW])
    with pytest.raises(MissingError) as missing:
        items.write(HERE, [replace("none", {}), create("two", {})])
    with pytest.raises(ConflictError) as too_few:
        items.write(HERE, [create("two", {}), create("three", {}), add("one", {"units": -2}, only_if="c.units >= 2")])
    assert [refused.value.place for refused in (exists, missing, too_few)] == [1, 0, 2]
    assert not isinstance(too_few.value, (ExistsError, MissingError))


def test_what_was_read_is_changed_only_if_it_is_still_so(items: Items) -> None:
    items.write(HERE, [NEW])
    read = items.get(HERE, "one")
    assert read
    items.write(HERE, [change(read, {"sold": 2})])
    with pytest.raises(ConflictError) as overtaken:
        items.write(HERE, [change(read, {"sold": 3})])
    assert not isinstance(overtaken.value, ExistsError)
    found = items.get(HERE, "one")
    assert found
    assert found.fields == {"id": "one", "partition": HERE, "units": 1, "sold": 2}


def test_an_item_that_expired_between_reading_and_writing_is_a_conflict(fake: CosmosFake, items: Items) -> None:
    items.write(HERE, [create("one", {"ttl": 10})])
    read = items.get(HERE, "one")
    assert read
    fake.store.now += 10
    with pytest.raises(ConflictError):
        items.write(HERE, [change(read, {"units": 0})])


def test_a_refused_batch_leaves_nothing(items: Items) -> None:
    items.write(HERE, [NEW])
    with pytest.raises(ConflictError):
        items.write(HERE, [create("two", {}), add("one", {"units": 1}), NEW])
    one = items.get(HERE, "one")
    assert one
    assert (one["units"], items.get(HERE, "two")) == (1, None)


def test_a_batch_answers_with_the_items_that_it_made(items: Items) -> None:
    made, added = items.write(HERE, [NEW, add("one", {"units": 4, "sold": 1})])
    assert (made["units"], added["units"], added["sold"]) == (1, 5, 1)


def test_items_are_found_by_their_ids_however_many_answers_that_takes(fake: CosmosFake, items: Items) -> None:
    items.write(HERE, [create(name, {}) for name in "abcde"])
    fake.most_at_once = 2
    found = items.get_all(HERE, ["e", "none", *"abcd"])
    assert sorted(found) == list("abcde")
    assert fake.calls.count("Query") == 3


def test_another_partition_has_none_of_it(items: Items) -> None:
    items.write(HERE, [NEW])
    assert items.get("elsewhere", "one") is None
    assert items.find("elsewhere", SELECT_ONE, {}) == []


READINGS: dict[str, Callable[[Items], object]] = {
    "Read": lambda items: items.get(HERE, "one"),
    "Query": lambda items: items.find(HERE, SELECT_ONE, {}),
}


@pytest.mark.parametrize("status", [429, 500, 503, LOST])
@pytest.mark.parametrize("call", READINGS)
def test_a_reading_that_failed_is_done_again(fake: CosmosFake, items: Items, call: str, status: int | None) -> None:
    items.write(HERE, [NEW])
    fake.fail_next(call, status)
    assert READINGS[call](items)
    assert fake.calls.count(call) == 2


@pytest.mark.parametrize("status", [429, 500, 503, LOST])
def test_a_batch_that_was_not_taken_is_sent_again(fake: CosmosFake, items: Items, status: int | None) -> None:
    fake.fail_next("Batch", status)
    items.write(HERE, [NEW])
    assert fake.calls.count("Batch") == 2


@pytest.mark.parametrize("status", [408, LOST])
def test_a_batch_whose_answer_was_lost_is_refused_when_it_is_sent_again(
    fake: CosmosFake, items: Items, status: int | None
) -> None:
    fake.fail_next("Batch", status, after=True)
    with pytest.raises(ExistsError):
        items.write(HERE, [NEW])
    assert items.get(HERE, "one")


def test_a_throttled_call_is_sent_again_until_it_is_taken(fake: CosmosFake, items: Items) -> None:
    for _ in range(4):
        fake.fail_next("Batch", 429, retry_after_milliseconds=1)
    items.write(HERE, [NEW])
    assert fake.calls.count("Batch") == 5


@pytest.mark.parametrize("status", [410, 503, LOST])
def test_a_service_that_stays_away_may_be_asked_later(fake: CosmosFake, items: Items, status: int | None) -> None:
    for _ in range(4):
        fake.fail_next("Batch", status)
    with pytest.raises(AzureUnavailableError, match="Cosmos DB"):
        items.write(HERE, [NEW])


def test_a_service_that_is_not_there_may_be_asked_later() -> None:
    clients = LoopbackClients(
        Environment({Variable.COSMOS_ENDPOINT: "https://127.0.0.1:1/", Variable.DATABASE: "orders"})
    )
    with pytest.raises(AzureUnavailableError, match="Cosmos DB"):
        Items(lambda: clients.database.get_container_client(layout.INVENTORY), "partition").get(HERE, "one")


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_what_does_not_pass_by_itself_stays_the_error_that_it_is(fake: CosmosFake, items: Items, status: int) -> None:
    fake.fail_next("Batch", status)
    with pytest.raises(CosmosHttpResponseError):
        items.write(HERE, [NEW])
    assert fake.calls.count("Batch") == 1


def test_a_container_that_is_missing_does_not_pass_for_an_item_that_is(clients: LoopbackClients) -> None:
    nowhere = Items(lambda: clients.database.get_container_client("none"), "partition")
    with pytest.raises(CosmosHttpResponseError):
        nowhere.get(HERE, "one")
