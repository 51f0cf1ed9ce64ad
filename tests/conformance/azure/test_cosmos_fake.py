"""The fake of Cosmos DB does what the documentation says of the real one, as far as the adapters rely on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from azure.cosmos import ContainerProxy
from azure.cosmos.exceptions import (
    CosmosBatchOperationError,
    CosmosHttpResponseError,
    CosmosResourceExistsError,
    CosmosResourceNotFoundError,
)

from functions.adapters.azure import layout
from functions.adapters.azure.items import Items, add, create
from tests.azure.cosmos_fake import Changed, CosmosFake, limits
from tests.azure.loopback_clients import LoopbackClients

HERE = "stock"
MEGABYTE = 1024 * 1024


@pytest.fixture
def container(clients: LoopbackClients) -> ContainerProxy:
    return clients.database.get_container_client(layout.INVENTORY)


def item(id_: str, **fields: object) -> dict[str, object]:
    return {"id": id_, "partition": HERE, **fields}


def status_of(container: ContainerProxy, *operations: tuple[Any, ...]) -> int:
    """Of the batch, or of the write in it that was refused."""
    with pytest.raises((CosmosHttpResponseError, CosmosBatchOperationError)) as refused:
        container.execute_item_batch(list(operations), HERE)
    return int(refused.value.status_code or 0)


def test_a_batch_is_done_whole_or_not_at_all(container: ContainerProxy) -> None:
    container.execute_item_batch([("create", (item("one"),))], HERE)
    with pytest.raises(CosmosBatchOperationError) as refused:
        container.execute_item_batch([("create", (item("two"),)), ("create", (item("one"),))], HERE)
    responses: Any = refused.value.operation_responses
    assert [each["statusCode"] for each in responses] == [424, 409]
    with pytest.raises(CosmosResourceNotFoundError):
        container.read_item("two", HERE)


def test_operations_of_a_batch_see_those_before_them(container: ContainerProxy) -> None:
    added = [{"op": "incr", "path": "/units", "value": 2}]
    container.execute_item_batch([("create", (item("one", units=1),)), ("patch", ("one", added))], HERE)
    assert container.read_item("one", HERE)["units"] == 3


def test_every_write_gives_an_item_another_etag(container: ContainerProxy) -> None:
    (made,) = container.execute_item_batch([("create", (item("one"),))], HERE)
    (changed,) = container.execute_item_batch(
        [("replace", ("one", item("one", units=1)), {"if_match_etag": made["eTag"]})], HERE
    )
    assert changed["eTag"] != made["eTag"]
    assert status_of(container, ("replace", ("one", item("one")), {"if_match_etag": made["eTag"]})) == 412


def test_a_patch_is_done_only_to_an_item_that_it_is_for(container: ContainerProxy) -> None:
    container.execute_item_batch([("create", (item("one", units=1),))], HERE)
    added, condition = (
        [{"op": "incr", "path": "/units", "value": -1}],
        {"filter_predicate": "from c where c.units >= 1"},
    )
    container.execute_item_batch([("patch", ("one", added), dict(condition))], HERE)
    assert status_of(container, ("patch", ("one", added), dict(condition))) == 412
    assert status_of(container, ("patch", ("none", added))) == 404


@pytest.mark.parametrize("id_", ["", "a/b", "a\\b", "a?", "a#", "x" * 1024, "blank "])
def test_an_id_that_cosmos_does_not_take_is_refused(container: ContainerProxy, id_: str) -> None:
    assert status_of(container, ("create", (item(id_),))) == 400


def test_an_item_of_another_partition_is_refused(container: ContainerProxy) -> None:
    assert status_of(container, ("create", ({"id": "one", "partition": "elsewhere"},))) == 400


@pytest.mark.parametrize("ttl", [0, -2, 2**31, 1.5, "10", None])
def test_a_time_to_live_that_is_none_is_refused(container: ContainerProxy, ttl: object) -> None:
    assert status_of(container, ("create", (item("one", ttl=ttl),))) == 400


def test_a_batch_of_more_than_a_hundred_operations_is_refused(container: ContainerProxy) -> None:
    operations = [("create", (item(f"item-{number}"),)) for number in range(101)]
    assert status_of(container, *operations) == 400
    container.execute_item_batch(operations[:100], HERE)


@pytest.mark.parametrize("sizes", [[2 * MEGABYTE], [MEGABYTE, MEGABYTE]])
def test_items_and_batches_of_more_than_two_megabytes_are_refused(container: ContainerProxy, sizes: list[int]) -> None:
    operations = [("create", (item(f"item-{place}", body="x" * size),)) for place, size in enumerate(sizes)]
    assert status_of(container, *operations) == 413


def test_a_patch_of_more_than_ten_operations_is_refused(container: ContainerProxy) -> None:
    container.execute_item_batch([("create", (item("one"),))], HERE)
    added = [{"op": "incr", "path": f"/units{number}", "value": 1} for number in range(11)]
    assert status_of(container, ("patch", ("one", added))) == 400
    container.execute_item_batch([("patch", ("one", added[:10]))], HERE)


def test_an_item_expires_so_many_seconds_after_it_was_written_last(fake: CosmosFake, container: ContainerProxy) -> None:
    container.execute_item_batch([("create", (item("one", ttl=10),)), ("create", (item("two"),))], HERE)
    fake.store.now += 9
    container.execute_item_batch([("replace", ("one", item("one", ttl=10)))], HERE)
    fake.store.now += 9
    container.read_item("one", HERE)
    fake.store.now += 1
    with pytest.raises(CosmosResourceNotFoundError):
        container.read_item("one", HERE)
    container.read_item("two", HERE)
    container.execute_item_batch([("create", (item("one"),))], HERE)


def test_the_feed_has_every_write_in_order_and_none_that_was_refused(fake: CosmosFake, items: Items) -> None:
    changed = list[Changed]()
    fake.listen(changed.append)
    items.write(HERE, [create("one", {"units": 1}), create("two", {"units": 2})])
    with pytest.raises(Exception, match="write 1"):
        items.write(HERE, [create("three", {}), create("two", {})])
    items.write(HERE, [add("one", {"units": 4})])
    assert [(each.item["id"], each.item["units"]) for each in changed] == [("one", 1), ("two", 2), ("one", 5)]
    assert {(each.container, each.partition) for each in changed} == {("inventory", HERE)}


def test_an_item_that_is_changed_twice_in_a_batch_is_in_the_feed_once(fake: CosmosFake, items: Items) -> None:
    changed = list[Changed]()
    fake.listen(changed.append)
    items.write(HERE, [create("one", {"units": 1}), add("one", {"units": 4})])
    assert [each.item["units"] for each in changed] == [5]


def test_a_read_gives_what_cosmos_notes_of_an_item_beside_it(container: ContainerProxy) -> None:
    container.execute_item_batch([("create", (item("one"),))], HERE)
    found: Mapping[str, Any] = container.read_item("one", HERE)
    assert {"_rid", "_etag", "_ts"} <= found.keys()


def test_what_the_fake_does_not_know_is_no_quiet_success(container: ContainerProxy) -> None:
    with pytest.raises(CosmosHttpResponseError) as refused:
        container.create_item(item("one"))
    assert refused.value.status_code == 501
    for unknown in (("upsert", (item("one"),)), ("delete", ("one",)), ("read", ("one",))):
        assert status_of(container, unknown) == 501


def test_a_client_without_the_accounts_token_gets_nothing(fake: CosmosFake) -> None:
    from azure.cosmos import CosmosClient

    with pytest.raises(CosmosHttpResponseError) as refused:
        CosmosClient(fake.url, "a2V5")
    assert refused.value.status_code == 401


def test_a_fault_is_met_once_and_may_hit_what_was_done(fake: CosmosFake, container: ContainerProxy) -> None:
    fake.fail_next("Batch", 403, after=True)
    assert status_of(container, ("create", (item("one"),))) == 403
    with pytest.raises((CosmosBatchOperationError, CosmosResourceExistsError)):
        container.execute_item_batch([("create", (item("one"),))], HERE)


def test_the_limits_are_those_of_the_documentation() -> None:
    assert (limits.MAX_ID_BYTES, limits.MAX_PARTITION_KEY_BYTES) == (1023, 2048)
