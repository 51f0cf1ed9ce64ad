"""What Firestore and Pub/Sub bill of single calls; that the world is asked at all, tests/e2e/gcp/test_bill.py shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from google.cloud.firestore_v1 import types
from google.pubsub_v1 import PubsubMessage, Subscription

from tests.e2e.gcp.counting import billed, documents, message_bytes
from tests.e2e.world.records import Record
from tests.gcp.pubsub.bridge import Try
from tests.gcp.pubsub.push import Push

DOCUMENT = types.Document(name="projects/p/databases/d/documents/orders/1")
BUS, OTHER = "projects/p/topics/bus", "projects/p/topics/other"


def pb(message: Any) -> Any:  # noqa: ANN401 -- protobuf makes its classes at run time
    return type(message).pb(message)


def subscription(topic: str, filter: str = "") -> Record:
    return Record("gcp:pubsub/subscription:Subscription", "", {"topic": topic, "filter": filter})


def tried(name: str, message: str, *, attempt: int = 1, size: int = 10) -> Try:
    pushed = PubsubMessage(message_id=message, data=bytes(size))
    return Try(Push(Subscription(name=name), pushed, attempt), 204)


def test_each_document_that_is_asked_for_is_a_read_there_or_not() -> None:
    answers = [
        pb(types.BatchGetDocumentsResponse(found=DOCUMENT)),
        pb(types.BatchGetDocumentsResponse(missing="projects/p/databases/d/documents/orders/2")),
        pb(types.BatchGetDocumentsResponse(transaction=b"begun")),
    ]
    assert documents("BatchGetDocuments", pb(types.BatchGetDocumentsRequest()), answers) == {"documents read": 2}


@pytest.mark.parametrize(("found", "reads"), [(0, 1), (1, 1), (3, 3)])
def test_a_query_is_as_many_reads_as_it_finds_and_one_at_the_least(found: int, reads: int) -> None:
    answers = [*[pb(types.RunQueryResponse(document=DOCUMENT))] * found, pb(types.RunQueryResponse())]
    assert documents("RunQuery", pb(types.RunQueryRequest()), answers) == {"documents read": reads}


def test_each_write_of_a_commit_that_was_done_is_one() -> None:
    commit = pb(types.CommitRequest(writes=[types.Write(update=DOCUMENT)] * 3))
    assert documents("Commit", commit, [pb(types.CommitResponse())]) == {"documents written": 3}
    assert documents("Commit", commit, []) == {}


def test_a_message_is_a_thousand_bytes_at_the_least_with_its_time_and_its_id() -> None:
    assert billed(10, "1") == 1000
    assert billed(2000, "12345") == 2000 + 20 + 5


def test_a_message_is_billed_when_published_and_for_each_subscription_whatever_its_filter() -> None:
    fed: Mapping[str, Record] = {
        "all": subscription(BUS),
        "some": subscription(BUS, 'attributes.event_type = "order.placed"'),
        "elsewhere": subscription(OTHER),
    }
    tries = [tried("all", "1"), tried("some", "1"), tried("all", "2"), tried("elsewhere", "3", size=5000)]
    assert message_bytes(tries, fed) == 2 * 1000 * (1 + 2) + billed(5000, "3") * (1 + 1)


def test_each_try_after_the_first_is_billed_again() -> None:
    fed = {"all": subscription(BUS)}
    again = [tried("all", "1"), tried("all", "1", attempt=2), tried("all", "1", attempt=3)]
    assert message_bytes(again, fed) == 1000 * (1 + 1) + 2 * 1000
