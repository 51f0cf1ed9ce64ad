"""What lies in Cosmos DB and where: the indexes, the feed's trigger and the roles rely on it."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from functions.adapters.azure import layout
from functions.codec import encode_event, encode_order
from functions.domain.order import OrderStatus
from functions.ports import IdempotencyRecord, PagePosition
from tests.azure.cosmos_fake import limits
from tests.conformance.azure_target import AzureTarget
from tests.unit.functions.orders import NOON, TEAPOTS, placed

GRANTED = {"items/read", "items/create", "items/replace", "executeQuery"}
KINDS = {
    ("orders", "order"),
    ("orders", "event"),
    ("orders", "key"),
    ("inventory", "stock"),
    ("inventory", "reservation"),
    ("demand", "units"),
    ("demand", "event"),
    ("ledger", "entry"),
    ("ledger", "counter"),
    ("messages", "message"),
    ("runs", "run"),
}


def test_an_order_lies_with_its_tenant_with_what_queries_ask_for(azure: AzureTarget) -> None:
    order = azure.orders.add(*placed(), None)
    assert azure.items("orders")[f"order-{order.order_id}"] == {
        "id": f"order-{order.order_id}",
        "tenant": "acme",
        "kind": "order",
        "order_id": order.order_id,
        "status": "PLACED",
        "version": 1,
        "position": f"2026-01-02T12:00:00.000+00:00 {order.order_id}",
        "body": encode_order(order).decode(),
    }


def test_an_event_lies_with_its_order_as_the_bus_will_have_it(azure: AzureTarget) -> None:
    order, events = placed()
    azure.orders.add(order, events, None)
    assert azure.items("orders")[f"event-{order.order_id}-000001"] == {
        "id": f"event-{order.order_id}-000001",
        "tenant": "acme",
        "kind": "event",
        "order_id": order.order_id,
        "body": encode_event(events[0]).decode(),
    }


def test_a_key_is_for_cosmos_to_delete_some_seconds_after_it_was_written(azure: AzureTarget) -> None:
    order, events = placed()
    expires_at = NOON + timedelta(hours=1, milliseconds=1)
    key = IdempotencyRecord(
        tenant="acme", key="key/1", body_sha256="digest", order_id=order.order_id, expires_at=expires_at
    )
    azure.orders.add(order, events, key)
    assert azure.items("orders")["key-key~2F1"] == {
        "id": "key-key~2F1",
        "tenant": "acme",
        "kind": "key",
        "order_id": order.order_id,
        "body_sha256": "digest",
        "expires_at": "2026-01-02T13:00:00.001+00:00",
        "ttl": 3601,
    }


def test_ids_of_all_kinds_find_their_items_again(azure: AzureTarget) -> None:
    ids = ["", ".", "..", "a/b", "a~2Fb", "a b ", "ü", "#?\\", "x" * 1003, "x" * 1004, "x" * 1023, "x" * 5000]
    for number, each in enumerate(ids):
        assert azure.ledger.record_once(each, {"number": number}) == {"number": number}
    assert [azure.ledger.find(each) for each in ids] == [{"number": number} for number in range(len(ids))]


def test_tenants_of_all_kinds_have_a_partition_each(azure: AzureTarget) -> None:
    tenants = ["", "acme", "ACME", "a/b", "ü" * 2000]
    made = [azure.orders.add(*placed(tenant=tenant), None) for tenant in tenants]
    assert [azure.orders.page(tenant, None, 10, None).orders for tenant in tenants] == [(order,) for order in made]


@given(st.lists(st.text(max_size=2000), min_size=2, max_size=2, unique=True))
def test_an_id_is_one_that_cosmos_takes_and_nobody_elses(texts: list[str]) -> None:
    one, other = (layout.single("reservation", text) for text in texts)
    assert one != other
    limits.check_id(one)
    limits.check_id(layout.event(texts[0], 999_999))


@given(st.from_regex(r"[A-Za-z0-9_-]{1,36}", fullmatch=True))
def test_an_id_of_ours_stays_as_it_is(text: str) -> None:
    assert layout.item_id(text) == text


def test_adapters_ask_for_what_roles_are_granted_and_write_where_the_layout_says(azure: AzureTarget) -> None:
    for turn in ("first", "second"):
        use_all(azure, turn)
    assert {action for _, action in azure.cosmos.actions} == GRANTED
    assert {container for container, _ in azure.cosmos.actions} == {each.name for each in layout.CONTAINERS}
    assert {(each.container, each.item["id"].partition("-")[0]) for each in azure.changed} == KINDS


def test_only_items_of_a_container_where_they_do_are_to_expire(azure: AzureTarget) -> None:
    use_all(azure, "first")
    expire = {each.container for each in azure.changed if "ttl" in each.item}
    assert expire == {each.name for each in layout.CONTAINERS if each.expires}


def use_all(azure: AzureTarget, turn: str) -> None:
    order, events = placed()
    key = IdempotencyRecord(
        tenant="acme", key=turn, body_sha256="", order_id=order.order_id, expires_at=NOON + timedelta(hours=1)
    )
    azure.orders.add(order, events, key)
    azure.orders.append(*order.reserve(NOON))
    azure.orders.timeline("acme", order.order_id)
    azure.orders.get("acme", order.order_id)
    for status in (None, OrderStatus.PLACED):
        azure.orders.page("acme", status, 10, PagePosition(placed_at=NOON, order_id=order.order_id))
    azure.orders.stale(OrderStatus.PLACED, NOON + timedelta(hours=1), 10)
    azure.inventory.reserve(turn, [TEAPOTS])
    azure.inventory.commit(turn)
    azure.inventory.restock(turn)
    azure.inventory.release("never reserved")
    azure.ledger.record_once("key", {})
    azure.ledger.find("key")
    azure.ledger.count("key")
    azure.customer.tell(key="key", tenant="acme", order_id="order", subject="hello")
    azure.demand.record("event", {"TEAPOT": 1})
    azure.workflow.start(turn, {})
