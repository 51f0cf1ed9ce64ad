"""How reads and commits go when Firestore is busy, has a fault, loses its answer or is not there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.api_core.retry import Retry
from google.cloud.firestore import Client, Increment, WriteBatch

from functions.adapters.gcp.clients import (
    LAST_ATTEMPT_SECONDS,
    TIMEOUT_SECONDS,
    GoogleUnavailableError,
    transient_faults,
)
from functions.adapters.gcp.documents import (
    ATTEMPTS,
    LONGEST_WAIT_SECONDS,
    ConflictError,
    ContentionError,
    Documents,
    ExistsError,
    change,
    create,
    merge,
    update,
)
from functions.domain.errors import RetryableError
from tests.gcp.firestore_fake import FirestoreFake

Code = grpc.StatusCode
NEW = create("ledger/one", {"body": "{}"})


def commit_new(documents: Documents) -> object:
    return documents.commit([NEW])


def contend(fake: FirestoreFake, times: int) -> None:
    for _ in range(times):
        fake.fail_next("Commit", Code.ABORTED)


def test_work_that_met_another_is_done_anew_after_a_random_wait(
    fake: FirestoreFake, documents: Documents, waits: list[float]
) -> None:
    contend(fake, 2)
    documents.transact(commit_new)
    assert documents.get("ledger/one")
    assert len(waits) == 2
    assert fake.calls.count("Commit") == 3


def test_work_that_always_meets_others_may_come_again_later(
    fake: FirestoreFake, documents: Documents, waits: list[float]
) -> None:
    contend(fake, ATTEMPTS)
    with pytest.raises(ContentionError):
        documents.transact(commit_new)
    assert (len(waits), documents.get("ledger/one")) == (ATTEMPTS - 1, None)
    assert max(waits) <= LONGEST_WAIT_SECONDS
    assert issubclass(ContentionError, RetryableError)


@dataclass
class Clock:
    """Stands still but for what moves it."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def test_a_transaction_makes_no_attempt_that_there_is_no_time_for(fake: FirestoreFake, documents: Documents) -> None:
    clock = Clock()
    contend(fake, ATTEMPTS)

    def slow(bounded: Documents) -> object:
        try:
            return commit_new(bounded)
        finally:
            clock.advance(TIMEOUT_SECONDS / 2)

    with pytest.raises(ContentionError):
        replace(documents, clock=clock).transact(slow)
    assert fake.calls == ["Commit"] * 2


def test_what_a_transaction_asks_for_has_the_time_that_is_left_of_it(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit of the second attempt has what the first attempt, the wait and the reading left."""
    clock, timeouts = Clock(), list[float]()

    def commit(_: WriteBatch, *, retry: Retry, timeout: float) -> None:
        timeouts.append(timeout)
        assert retry.timeout == timeout - LAST_ATTEMPT_SECONDS
        clock.advance(2)
        raise exceptions.Aborted("contention")  # type: ignore[no-untyped-call]

    monkeypatch.setattr(WriteBatch, "commit", commit)

    def work(bounded: Documents) -> None:
        bounded.get("ledger/one")
        clock.advance(1.5)
        bounded.commit([NEW])

    with pytest.raises(GoogleUnavailableError):
        replace(documents, clock=clock, pause=lambda _: clock.advance(0.5)).transact(work)
    assert timeouts == [TIMEOUT_SECONDS - 1.5, TIMEOUT_SECONDS - 5.5]


def test_a_slow_reading_leaves_a_transaction_nothing_to_commit_in(fake: FirestoreFake, documents: Documents) -> None:
    clock = Clock()

    def work(bounded: Documents) -> None:
        bounded.get("ledger/one")
        clock.advance(TIMEOUT_SECONDS)
        bounded.commit([NEW])

    with pytest.raises(GoogleUnavailableError, match="Firestore"):
        replace(documents, clock=clock).transact(work)
    assert fake.calls == ["BatchGetDocuments"]


def test_a_call_of_its_own_has_all_the_time_of_one(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    timeouts = list[float]()
    monkeypatch.setattr(WriteBatch, "commit", lambda _, *, retry, timeout: timeouts.append(timeout))
    documents.commit([NEW])
    assert timeouts == [TIMEOUT_SECONDS]


def test_two_who_write_one_document_at_once_both_do_in_the_end(
    fake: FirestoreFake, documents: Documents, waits: list[float]
) -> None:
    one_more = merge("counters/a", {"calls": Increment(1)})
    fake.let_meet(2)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: documents.transact(lambda bounded: bounded.commit([one_more])), range(2)))
    counter = documents.get("counters/a")
    assert counter
    assert (counter["calls"], fake.calls.count("Commit"), len(waits)) == (2, 3, 1)


def test_a_commit_says_what_stood_in_its_way(documents: Documents) -> None:
    documents.commit([NEW])
    with pytest.raises(ExistsError):
        documents.commit([NEW])
    read = documents.get("ledger/one")
    assert read
    documents.commit([change(read, {"body": "[]"})])
    with pytest.raises(ConflictError) as overtaken:
        documents.commit([change(read, {"body": "0"})])
    assert not isinstance(overtaken.value, ExistsError)


def test_a_document_that_expired_between_reading_and_writing_is_a_conflict(
    firestore: Client, documents: Documents
) -> None:
    documents.commit([NEW])
    read = documents.get("ledger/one")
    assert read
    firestore.document("ledger/one").delete()
    with pytest.raises(ConflictError):
        documents.commit([change(read, {"body": "0"})])


def test_an_update_of_what_nobody_read_and_is_not_there_is_no_conflict(documents: Documents) -> None:
    with pytest.raises(exceptions.NotFound):
        documents.commit([update("ledger/one", {"body": "0"})])


def test_a_refused_commit_leaves_nothing(documents: Documents) -> None:
    documents.commit([NEW])
    with pytest.raises(ConflictError):
        documents.commit([merge("demand/TEAPOT", {"units": 1}), NEW])
    assert documents.get("demand/TEAPOT") is None


def test_documents_are_given_in_the_order_in_which_they_were_asked_for(documents: Documents) -> None:
    documents.commit([create(f"ledger/{name}", {"name": name}) for name in "abc"])
    found = documents.get_all(["ledger/c", "ledger/none", "ledger/a"])
    assert [document and document["name"] for document in found] == ["c", None, "a"]


@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.INTERNAL, Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED])
@pytest.mark.parametrize("method", ["BatchGetDocuments", "RunQuery"])
def test_a_reading_that_failed_is_done_again(
    fake: FirestoreFake, documents: Documents, code: grpc.StatusCode, method: str
) -> None:
    documents.commit([NEW])
    fake.fail_next(method, code)
    if method == "RunQuery":
        (found,) = documents.find(documents.client.collection("ledger").order_by("__name__"))
        assert found.path == "ledger/one"
    else:
        assert documents.get("ledger/one")
    assert fake.calls.count(method) == 2


def test_a_query_whose_answers_keep_breaking_off_is_given_up_in_time(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each breaks off after a document, and takes three seconds."""
    documents.commit([NEW])
    query = documents.client.collection("ledger").order_by("__name__")
    clock, timeouts, answer = Clock(), list[float](), query._get_stream_iterator

    def broken(transaction: object, retry: object, timeout: float, *others: object, **named: object) -> Any:  # noqa: ANN401
        timeouts.append(timeout)
        rows, prefix = answer(transaction, retry, timeout, *others, **named)  # type: ignore[no-untyped-call]
        return chain([next(rows)], _after(3, clock)), prefix

    monkeypatch.setattr(type(query), "_get_stream_iterator", lambda _, *given, **named: broken(*given, **named))
    with pytest.raises(GoogleUnavailableError):
        replace(documents, clock=clock, pause=lambda _: None).find(query)
    assert timeouts == [TIMEOUT_SECONDS, TIMEOUT_SECONDS - 3, TIMEOUT_SECONDS - 6]


def _after(seconds: float, clock: Clock) -> Iterator[Any]:
    clock.advance(seconds)
    raise exceptions.DeadlineExceeded("broken off")  # type: ignore[no-untyped-call]
    yield


@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED])
def test_a_commit_that_was_not_taken_is_sent_again(
    fake: FirestoreFake, documents: Documents, code: grpc.StatusCode
) -> None:
    fake.fail_next("Commit", code)
    documents.commit([NEW])
    assert fake.calls.count("Commit") == 2


@pytest.mark.parametrize("code", [Code.INTERNAL, Code.DEADLINE_EXCEEDED, Code.UNKNOWN, Code.CANCELLED])
def test_a_commit_that_nobody_knows_about_is_for_the_caller_to_repeat(
    fake: FirestoreFake, documents: Documents, code: grpc.StatusCode
) -> None:
    fake.fail_next("Commit", code, after=True)
    with pytest.raises(GoogleUnavailableError, match="Firestore"):
        documents.commit([NEW])
    assert documents.get("ledger/one")


@pytest.mark.parametrize("code", [Code.PERMISSION_DENIED, Code.INVALID_ARGUMENT, Code.UNAUTHENTICATED])
def test_what_does_not_pass_by_itself_stays_the_error_that_it_is(
    fake: FirestoreFake, documents: Documents, code: grpc.StatusCode
) -> None:
    fake.fail_next("Commit", code)
    with pytest.raises(exceptions.ClientError):
        documents.commit([NEW])
    assert fake.calls.count("Commit") == 1


@pytest.mark.parametrize("status", [429, 499, 500, 502, 503, 504])
def test_a_service_that_does_not_answer_may_be_asked_again(status: int) -> None:
    with pytest.raises(GoogleUnavailableError, match="Pub/Sub"), transient_faults(of="Pub/Sub"):
        raise exceptions.from_http_status(status, "busy")  # type: ignore[no-untyped-call]
