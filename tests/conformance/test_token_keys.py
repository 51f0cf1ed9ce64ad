"""The issuer's key document, read from real files and over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.adapters.http.client import AddressError
from functions.adapters.http.keys import LIMITS, key_document
from functions.api.keys import KeySet, KeyUnknownError
from functions.domain.errors import RetryableError
from tests.conformance.partner import Partner, answer, hang_up, partner

DOCUMENT = b'{"keys": []}'


@pytest.fixture
def issuer() -> Iterator[Partner]:
    with partner() as running:
        yield running


def test_a_document_is_read_from_a_file_whatever_its_name(tmp_path: Path) -> None:
    file = tmp_path / "the keys %41.json"
    file.write_bytes(DOCUMENT)
    assert key_document(file.as_uri())() == DOCUMENT


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    read = key_document(file.as_uri())
    with pytest.raises(FileNotFoundError):
        read()
    file.write_bytes(DOCUMENT)
    assert read() == DOCUMENT


def test_a_document_is_read_from_the_web(issuer: Partner) -> None:
    issuer.will(answer(200, DOCUMENT))
    assert key_document(f"{issuer.url}/.well-known/jwks.json")() == DOCUMENT
    assert (issuer.received[0].method, issuer.received[0].path) == ("GET", "/.well-known/jwks.json")


@pytest.mark.parametrize("status", [204, 301, 404, 500])
def test_anything_but_success_is_no_document(issuer: Partner, status: int) -> None:
    issuer.will(answer(status, b"", Location=f"{issuer.url}/elsewhere"))
    with pytest.raises(RetryableError):
        key_document(issuer.url)()


def test_an_issuer_that_hangs_up_may_answer_later(issuer: Partner) -> None:
    issuer.will(hang_up)
    with pytest.raises(RetryableError):
        key_document(issuer.url)()
    assert len(issuer.received) == 1


def test_an_endless_document_is_not_read(issuer: Partner, tmp_path: Path) -> None:
    big = b" " * (LIMITS.max_bytes + 1)
    issuer.will(answer(200, big))
    (tmp_path / "jwks.json").write_bytes(big)
    for location in (issuer.url, (tmp_path / "jwks.json").as_uri()):
        with pytest.raises(RetryableError):
            key_document(location)()


@pytest.mark.parametrize(
    "location",
    [
        "http://issuer.example/jwks.json",
        "file://other-host/jwks.json",
        "file:",
        "jwks.json",
        "data:,x",
        "ftp://x/y",
        "",
    ],
)
def test_other_locations_are_refused_at_once(location: str) -> None:
    with pytest.raises(AddressError):
        key_document(location)


def test_a_key_set_reads_through_to_the_web_once(issuer: Partner) -> None:
    issuer.will(answer(200, DOCUMENT))
    keys = KeySet(key_document(issuer.url))
    for _ in range(20):
        with pytest.raises(KeyUnknownError):
            keys.find("any")
    assert len(issuer.received) == 1
