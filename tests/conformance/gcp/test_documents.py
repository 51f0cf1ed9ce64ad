"""How reads and commits go when Firestore is busy, has a fault, loses its answer or is not there."""

from __future__ import annotations

import grpc
import pytest
from google.api_core import exceptions
from google.cloud.firestore import Client

from functions.adapters.gcp.clients import GoogleUnavailableError, transient_faults
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


def contend(fake: FirestoreFake, times: int) -> None:
    for _ in range(times):
        fake.fail_next("Commit", Code.ABORTED)


def test_work_that_met_another_is_done_anew_after_a_random_wait(
    fake: FirestoreFake, documents: Documents, waits: list[float]
) -> None:
    contend(fake, 2)
    documents.transact(lambda: documents.commit([NEW]))
    assert documents.get("ledger/one")
    assert len(waits) == 2
    assert fake.calls.count("Commit") == 3


def test_work_that_always_meets_others_may_come_again_later(
    fake: FirestoreFake, documents: Documents, waits: list[float]
) -> None:
    contend(fake, ATTEMPTS)
    with pytest.raises(ContentionError):
        documents.transact(lambda: documents.commit([NEW]))
    assert (len(waits), documents.get("ledger/one")) == (ATTEMPTS - 1, None)
    assert max(waits) <= LONGEST_WAIT_SECONDS
    assert issubclass(ContentionError, RetryableError)


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
