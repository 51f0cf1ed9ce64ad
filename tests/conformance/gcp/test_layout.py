"""What lies in Firestore and where: the indexes, the feed's trigger and the roles rely on it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

from hypothesis import assume, given
from hypothesis import strategies as st

from functions.adapters.gcp import layout
from functions.codec import encode_event, encode_order
from functions.domain.order import OrderStatus
from functions.ports import IdempotencyRecord, PagePosition
from tests.conformance.gcp_target import GcpTarget
from tests.gcp.firestore_fake import limits
from tests.unit.functions.orders import NOON, TEAPOTS, placed

COLLECTIONS = {
    "users/*/orders",
    "users/*/orders/*/events",
    "users/*/keys",
    "stock",
    "reservations",
    "demand",
    "demand_events",
    "ledger",
    "counters",
    "messages",
    "runs",
}
GRANTED = {"BatchGetDocuments", "RunQuery", "Commit"}


def test_an_order_lies_under_its_tenant_with_what_queries_ask_for(gcp: GcpTarget) -> None:
    order = gcp.orders.add(*placed(), None)
    assert gcp.document(f"users/acme/orders/{order.order_id}") == {
        "body": encode_order(order).decode(),
        "status": "PLACED",
        "placed_at": NOON,
    }


def test_an_event_lies_under_its_order_as_the_bus_will_have_it(gcp: GcpTarget) -> None:
    order, events = placed()
    gcp.orders.add(order, events, None)
    assert gcp.collection(f"users/acme/orders/{order.order_id}/events") == {
        "000001": {"body": encode_event(events[0]).decode()}
    }


def test_a_key_is_for_firestore_to_delete_when_it_has_expired(gcp: GcpTarget) -> None:
    order, events = placed()
    expires_at = NOON + timedelta(hours=1, milliseconds=1)
    key = IdempotencyRecord(
        tenant="acme", key="key/1", body_sha256="digest", order_id=order.order_id, expires_at=expires_at
    )
    gcp.orders.add(order, events, key)
    assert gcp.collection("users/acme/keys") == {
        "key%2F1": {"body_sha256": "digest", "order_id": order.order_id, "expires_at": expires_at}
    }


def test_ids_of_all_kinds_find_their_documents_again(gcp: GcpTarget) -> None:
    ids = ["", ".", "..", "__all__", "a/b", "a%2Fb", "ü", "x" * 2000, "x" * 2001]
    for number, each in enumerate(ids):
        assert gcp.ledger.record_once(each, {"number": number}) == {"number": number}
    assert [gcp.ledger.find(each) for each in ids] == [{"number": number} for number in range(len(ids))]


@given(st.text())
def test_an_id_is_one_that_firestore_takes_and_nobody_elses(text: str) -> None:
    limits.check_id(layout.document_id(text))
    assert unquote(layout.document_id(text)).removesuffix("%" if not text else "") == text


@given(st.from_regex(r"[A-Za-z0-9_:-]{1,36}", fullmatch=True))
def test_an_id_of_ours_stays_as_it_is(text: str) -> None:
    assume(not text.startswith("__"))
    assert layout.document_id(text) == text


def test_adapters_ask_for_what_roles_are_granted_and_write_where_the_layout_says(gcp: GcpTarget) -> None:
    for turn in ("first", "second"):
        use_all(gcp, turn)
    assert set(gcp.firestore.calls) == GRANTED
    assert {_pattern(each.path) for each in gcp.created} == COLLECTIONS
    assert {each.collection for each in (*layout.INDEXES, *layout.EXEMPTIONS)} <= {
        collection.rpartition("/")[2] for collection in COLLECTIONS
    }


def use_all(gcp: GcpTarget, turn: str) -> None:
    order, events = placed()
    key = IdempotencyRecord(
        tenant="acme", key=turn, body_sha256="", order_id=order.order_id, expires_at=NOON + timedelta(hours=1)
    )
    gcp.orders.add(order, events, key)
    gcp.orders.append(*order.reserve(NOON))
    gcp.orders.timeline("acme", order.order_id)
    gcp.orders.get("acme", order.order_id)
    for status in (None, OrderStatus.PLACED):
        gcp.orders.page("acme", status, 10, PagePosition(placed_at=NOON, order_id=order.order_id))
    gcp.orders.stale(OrderStatus.PLACED, NOON + timedelta(hours=1), 10)
    gcp.inventory.reserve(turn, [TEAPOTS])
    gcp.inventory.commit(turn)
    gcp.inventory.restock(turn)
    gcp.inventory.release("never reserved")
    gcp.ledger.record_once("key", {})
    gcp.ledger.find("key")
    gcp.ledger.count("key")
    gcp.customer.tell(key="key", tenant="acme", order_id="order", subject="hello")
    gcp.demand.record("event", {"TEAPOT": 1})
    gcp.workflow.start(turn, {})


def _pattern(path: str) -> str:
    """The path of a document's collection, without the ids in it."""
    ids = path.split("/")[:-1]
    return "/".join(each if place % 2 == 0 else "*" for place, each in enumerate(ids))
