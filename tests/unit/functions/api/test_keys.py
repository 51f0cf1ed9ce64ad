"""The issuer's keys are read seldom, and soon enough."""

from __future__ import annotations

import threading

import pytest

from functions.api.keys import (
    KEEP_SECONDS,
    LIFETIME_SECONDS,
    SECONDS_BETWEEN_READS,
    KeySet,
    KeysUnavailableError,
    KeyUnknownError,
)
from functions.domain.errors import RetryableError
from tests.unit.functions.api.issuer import Issuer

OLD, NEW = Issuer(key_id="old"), Issuer(key_id="new")


class Published:
    """A key document that changes, fails and counts its readings, and a clock that is moved by hand."""

    def __init__(self) -> None:
        self.document = OLD.document
        self.failure: Exception | None = None
        self.readings = 0
        self.now = 1000.0

    def read(self) -> bytes:
        self.readings += 1
        if self.failure:
            raise self.failure
        return self.document

    def keys(self) -> KeySet:
        return KeySet(self.read, clock=lambda: self.now)


@pytest.fixture
def published() -> Published:
    return Published()


def test_keys_are_read_at_the_first_token_and_then_kept(published: Published) -> None:
    keys = published.keys()
    assert published.readings == 0
    for _ in range(5):
        keys.find("old")
    assert published.readings == 1


def test_keys_are_read_again_when_they_are_old(published: Published) -> None:
    keys = published.keys()
    keys.find("old")
    published.document = NEW.document
    published.now += LIFETIME_SECONDS + 1
    with pytest.raises(KeyUnknownError):
        keys.find("old")
    assert published.readings == 2


def test_a_key_that_is_new_is_found_at_once_when_the_last_reading_was_a_while_ago(published: Published) -> None:
    keys = published.keys()
    keys.find("old")
    published.document = NEW.document
    published.now += SECONDS_BETWEEN_READS
    keys.find("new")
    assert published.readings == 2


def test_a_flood_of_unknown_keys_is_not_a_flood_of_readings(published: Published) -> None:
    keys = published.keys()
    keys.find("old")
    for number in range(100):
        published.now += 0.25
        with pytest.raises(KeyUnknownError):
            keys.find(f"unknown-{number}")
    assert published.readings == 1 + 25 // SECONDS_BETWEEN_READS


def test_a_flood_while_nothing_can_be_read_is_not_a_flood_of_readings(published: Published) -> None:
    published.failure = RetryableError("no answer")
    keys = published.keys()
    for _ in range(50):
        with pytest.raises(KeysUnavailableError):
            keys.find("old")
    assert published.readings == 1


@pytest.mark.parametrize("failure", [OSError("gone"), RetryableError("no answer")])
def test_the_last_known_keys_hold_for_a_while_when_the_document_cannot_be_read(
    published: Published, failure: Exception
) -> None:
    keys = published.keys()
    keys.find("old")
    published.failure = failure
    published.now += LIFETIME_SECONDS + 1
    keys.find("old")
    published.now += KEEP_SECONDS
    with pytest.raises(KeysUnavailableError):
        keys.find("old")


@pytest.mark.parametrize(
    "document", [b"", b"[]", b'{"keys": 7}', b'{"keys": [7]}', b"\xff", b'{"keys":[{"a":' + b"[" * 90_000]
)
def test_nonsense_does_not_replace_the_keys(published: Published, document: bytes) -> None:
    keys = published.keys()
    keys.find("old")
    published.document = document
    published.now += LIFETIME_SECONDS + 1
    keys.find("old")


def test_reading_recovers_by_itself(published: Published) -> None:
    published.failure = OSError("not yet there")
    keys = published.keys()
    with pytest.raises(KeysUnavailableError):
        keys.find("old")
    published.failure = None
    published.now += SECONDS_BETWEEN_READS
    keys.find("old")


def test_threads_that_come_together_share_one_reading(published: Published) -> None:
    keys = published.keys()
    together = threading.Barrier(8)

    def find() -> None:
        together.wait()
        keys.find("old")

    threads = [threading.Thread(target=find) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert published.readings == 1
