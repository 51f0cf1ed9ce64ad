"""The fake of Firestore keeps what the adapters rely on: atomic commits, preconditions and contention."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.api_core import exceptions
from google.cloud.firestore import SERVER_TIMESTAMP, Client, FieldFilter, Increment

from tests.gcp.firestore_fake import FirestoreFake


def number(firestore: Client, path: str = "counters/a") -> int | None:
    fields = firestore.document(path).get().to_dict()
    return fields["n"] if fields else None


def test_of_two_commits_at_once_that_write_one_document_the_later_is_aborted(
    fake: FirestoreFake, firestore: Client
) -> None:
    fake.let_meet(2)

    def write(number_: int) -> int | None:
        try:
            firestore.document("counters/a").set({"n": number_})
        except exceptions.Aborted:
            return None
        return number_

    with ThreadPoolExecutor(2) as pool:
        written = {each for each in pool.map(write, [1, 2]) if each}
    assert written == {number(firestore)}


def test_commits_at_once_that_write_different_documents_are_all_done(fake: FirestoreFake, firestore: Client) -> None:
    fake.let_meet(8)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: firestore.document(f"counters/{each}").set({"n": each}), range(8)))
    assert [number(firestore, f"counters/{each}") for each in range(8)] == list(range(8))


def test_a_document_that_is_gone_was_written_too(fake: FirestoreFake, firestore: Client) -> None:
    firestore.document("counters/a").set({"n": 1})
    fake.let_meet(2)
    writes: list[Callable[[], object]] = [
        lambda: firestore.document("counters/a").delete(),
        lambda: firestore.document("counters/a").set({"n": 2}),
    ]
    with ThreadPoolExecutor(2) as pool:
        failures = [each.exception() for each in [pool.submit(write) for write in writes]]
    assert [type(failure) for failure in failures if failure] == [exceptions.Aborted]


def test_commits_one_after_the_other_are_in_nobodys_way(fake: FirestoreFake, firestore: Client) -> None:
    for each in range(3):
        firestore.document("counters/a").set({"n": each})
    assert number(firestore) == 2


def test_a_watcher_is_told_of_each_call_with_what_was_answered(fake: FirestoreFake, firestore: Client) -> None:
    seen: list[tuple[str, int, int]] = []
    fake.watch(lambda method, request, answers: seen.append((method, len(request.writes), len(answers))))
    firestore.document("orders/one").create({"n": 1})
    with pytest.raises(exceptions.AlreadyExists):
        firestore.document("orders/one").create({"n": 2})
    assert seen == [("Commit", 1, 1), ("Commit", 1, 0)]


def test_what_is_created_must_not_be_there_and_what_is_updated_must(firestore: Client) -> None:
    order = firestore.document("orders/one")
    with pytest.raises(exceptions.NotFound):
        order.update({"n": 1})
    order.create({"n": 1})
    with pytest.raises(exceptions.AlreadyExists):
        order.create({"n": 2})
    assert order.get().to_dict() == {"n": 1}


def test_an_update_of_what_was_read_before_somebody_wrote_it_is_refused(firestore: Client) -> None:
    order = firestore.document("orders/one")
    order.set({"n": 1})
    option = firestore.write_option(last_update_time=order.get().update_time)
    order.update({"n": 2}, option=option)
    with pytest.raises(exceptions.FailedPrecondition):
        order.update({"n": 3}, option=option)
    order.delete()
    with pytest.raises(exceptions.NotFound):
        order.update({"n": 3}, option=option)


def test_a_write_that_changes_nothing_leaves_the_update_time(firestore: Client) -> None:
    order = firestore.document("orders/one")
    order.set({"n": 1})
    before = order.get().update_time
    order.set({"n": 1})
    assert order.get().update_time == before
    order.set({"n": 2})
    assert order.get().update_time > before


def test_a_batch_of_which_one_write_is_refused_writes_nothing(fake: FirestoreFake, firestore: Client) -> None:
    created: list[str] = []
    fake.listen(lambda document: created.append(document.path))
    firestore.document("orders/there").set({})
    batch = firestore.batch()
    batch.set(firestore.document("orders/new"), {})
    batch.create(firestore.document("orders/there"), {})
    with pytest.raises(exceptions.AlreadyExists):
        batch.commit()
    assert [each.id for each in firestore.collection("orders").stream()] == ["there"]
    assert created == ["orders/there"]


def test_a_merge_changes_the_fields_that_it_names(firestore: Client) -> None:
    order = firestore.document("orders/one")
    order.set({"a": 1, "b": 2})
    order.set({"b": 3}, merge=True)
    order.update({"c": 4})
    assert order.get().to_dict() == {"a": 1, "b": 3, "c": 4}
    order.set({"d": 5})
    assert order.get().to_dict() == {"d": 5}


def test_increments_begin_at_nothing_and_tell_what_they_made(firestore: Client) -> None:
    counter = firestore.document("counters/a")
    made = [counter.set({"n": Increment(by)}, merge=True).transform_results[0] for by in (2, -5)]
    assert [each.integer_value for each in made] == [2, -3]
    assert counter.set({"n": Increment(0.5)}, merge=True).transform_results[0].double_value == -2.5
    counter.set({"n": "text"})
    counter.update({"n": Increment(1)})
    assert number(firestore) == 1


def test_the_servers_time_is_that_of_the_commit(firestore: Client) -> None:
    firestore.document("orders/one").set({"at": SERVER_TIMESTAMP})
    stored = firestore.document("orders/one").get()
    assert (stored.to_dict() or {})["at"] == stored.update_time


def test_a_listener_is_told_of_what_was_not_there_before_in_the_order_of_the_commits(
    fake: FirestoreFake, firestore: Client
) -> None:
    firestore.document("orders/early").set({})
    created: list[str] = []
    fake.listen(lambda document: created.append(document.path))
    firestore.document("orders/early").set({"n": 1})
    for name in "ba":
        firestore.document(f"orders/{name}").set({"n": 1})
    firestore.document("orders/a").delete()
    firestore.document("orders/a").set({})
    assert created == ["orders/b", "orders/a", "orders/a"]


def test_a_fault_happens_once_and_before_or_after_the_work(fake: FirestoreFake, firestore: Client) -> None:
    for after, there in ((False, None), (True, 7)):
        fake.fail_next("Commit", grpc.StatusCode.INTERNAL, after=after)
        with pytest.raises(exceptions.InternalServerError):
            firestore.document("counters/a").set({"n": 7})
        assert number(firestore) == there


@pytest.mark.parametrize("path", ["orders/..", "orders/.", "orders/__one__", f"orders/{'x' * 1501}", "__all__/one"])
def test_reserved_and_long_ids_are_refused(firestore: Client, path: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="no id"):
        firestore.document(path).set({})


def test_documents_requests_and_depths_have_their_limits(firestore: Client) -> None:
    order, nested = firestore.document("orders/one"), {"x": {"y": 1}}
    order.set({"body": "x" * (1024 * 1024 - 100)})
    with pytest.raises(exceptions.InvalidArgument, match="bytes"):
        order.set({"body": "x" * 1024 * 1024})
    batch = firestore.batch()
    for number_ in range(11):
        batch.set(firestore.document(f"orders/{number_}"), {"body": b"x" * 1024 * 1000})
    with pytest.raises(exceptions.InvalidArgument, match="payload size"):
        batch.commit()
    for _ in range(20):
        nested = {"x": nested}  # type: ignore[dict-item]
    with pytest.raises(exceptions.InvalidArgument, match="deep"):
        order.set(nested)


def test_what_the_fake_does_not_know_it_says(firestore: Client) -> None:
    orders = firestore.collection("orders")
    for unknown in (
        lambda: orders.count().get(),  # type: ignore[no-untyped-call]
        lambda: list(orders.where(filter=FieldFilter("n", "!=", 1)).stream()),
        lambda: list(orders.where(filter=FieldFilter("n", "in", [1])).stream()),
        lambda: list(orders.list_documents()),
        lambda: list(firestore.collections()),
        lambda: firestore.transaction()._begin(),
    ):
        with pytest.raises(exceptions.MethodNotImplemented):
            unknown()
