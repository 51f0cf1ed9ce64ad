"""Bodies that nobody sends in good will: each is refused with the reason, and the system lives on in its memory."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.api.bodies import MAX_BODY_BYTES
from tests.hostile.wire import Outcome, connected, exchange, is_well, order, read, request
from tests.local_system import Running

MEGABYTE = 1024 * 1024
MEMORY_MB = 150
"""How much more the run time may hold after all of them: a body of 10 MB must not stay, nor be held several times."""
ITEM: dict[str, Any] = {"sku": "TEAPOT", "quantity": 1, "unit_price_minor": 1}
ORDER: dict[str, Any] = {"currency": "EUR", "items": [ITEM], "payment_method": "sandbox-approve"}
PLACED = json.dumps(ORDER).encode()


@pytest.fixture(scope="module")
def memory_mb(system: Running) -> float:
    """Once it is warm."""
    exchange(system, order(system.token(), PLACED))
    return system.resident_mb()


@pytest.fixture(autouse=True)
def _the_next_request_works(system: Running, memory_mb: float) -> Iterator[None]:
    yield
    assert is_well(system)
    assert system.resident_mb() < memory_mb + MEMORY_MB


def place(system: Running, body: bytes, *headers: str) -> Outcome:
    return exchange(system, order(system.token(), body, *headers))


def with_item(**changed: object) -> bytes:
    return json.dumps({**ORDER, "items": [{**ITEM, **changed}]}).encode()


def padded(size: int) -> bytes:
    """An order of so many bytes that could be placed if it were not for its size."""
    return PLACED + b" " * (size - len(PLACED))


def chunked(body: bytes, size: int = 65536) -> bytes:
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 10 * MEGABYTE, 10 * MEGABYTE + 1])
@pytest.mark.parametrize("is_chunked", [False, True], ids=["announced", "chunked"])
def test_a_body_that_is_too_large_is_refused_before_it_is_all_there(
    system: Running, size: int, is_chunked: bool
) -> None:
    body = padded(size)
    outcome = place(system, chunked(body), CHUNKED) if is_chunked else place(system, body)
    assert outcome.is_closed
    if outcome.answers:  # its sender may still be sending when the connection ends, and then hears nothing of it
        assert (outcome.answer.status, outcome.answer.problem) == (413, "body-too-large")


@pytest.mark.parametrize("is_chunked", [False, True], ids=["announced", "chunked"])
def test_the_largest_body_is_read(system: Running, is_chunked: bool) -> None:
    body = padded(MAX_BODY_BYTES)
    outcome = place(system, chunked(body), CHUNKED) if is_chunked else place(system, body)
    assert outcome.answer.status == 202


@pytest.mark.parametrize("length", [str(10**9), str(2**31), str(2**63), str(2**64), "9" * 20])
def test_a_body_that_is_merely_announced_as_huge_is_refused_at_once(system: Running, length: str) -> None:
    outcome = place(system, b"{", f"Content-Length: {length}")
    assert (outcome.statuses, outcome.is_closed) == ((413,), True)


def test_a_body_is_not_asked_for_that_would_be_refused(system: Running) -> None:
    expecting = ("Expect: 100-continue", f"Content-Length: {10 * MEGABYTE}")
    assert place(system, b"", *expecting).statuses == (413,)


def test_a_body_that_is_waited_for_is_asked_for(system: Running) -> None:
    sent = order(system.token(), PLACED, "Expect: 100-continue")
    with connected(system) as connection:
        connection.sendall(sent.removesuffix(PLACED))
        assert read(connection).statuses == (100,)
        connection.sendall(PLACED)
        assert read(connection).statuses == (202,)


def test_a_body_in_pieces_of_one_byte_is_read(system: Running) -> None:
    assert place(system, chunked(PLACED, size=1), CHUNKED).answer.status == 202


def test_a_body_where_none_is_read_changes_nothing(system: Running) -> None:
    sent = request("GET", "/orders", "Content-Type: application/json", body=padded(1000), token=system.token())
    assert exchange(system, sent).answer.status == 200


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "line 1, column 1"),
        (b"\x00", "line 1, column 1"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"items":' * 25_000, "nested too deeply"),
        (with_item(quantity="@").replace(b'"@"', b"[" * 100_000 + b"]" * 100_000), "nested too deeply"),
        (with_item(quantity=float("nan")), "NaN is not a JSON number"),
        (with_item(unit_price_minor=float("inf")), "Infinity is not a JSON number"),
        (with_item(unit_price_minor=float("-inf")), "-Infinity is not a JSON number"),
        (with_item(quantity="@").replace(b'"@"', b"9" * 5000), "number that is too long"),
        (PLACED.replace(b'"currency"', b'"currency": "USD", "currency"'), "stands more than once"),
        (PLACED.replace(b'"sku"', b'"sku": "A", "sku"'), "stands more than once"),
        (PLACED.replace(b'"currency"', b'"currency": "USD", "\\u0063urrency"'), "stands more than once"),
        (PLACED.replace(b"TEAPOT", b"\xff\xfe"), "is not UTF-8"),
        (PLACED.replace(b"TEAPOT", b"\xed\xa0\x80"), "is not UTF-8"),
        (PLACED.replace(b"TEAPOT", b"\xc0\xaf"), "is not UTF-8"),
        (PLACED.replace(b"TEAPOT", b"TEA\nPOT"), "Invalid control character"),
        (b"\xef\xbb\xbf" + PLACED, "BOM"),
        (PLACED.decode().encode("utf-16"), "is not UTF-8"),
        (PLACED.decode().encode("utf-32-le"), "line 1, column 2"),
        (PLACED + PLACED, "Extra data"),
        (PLACED[:-1], "line 1"),
        (PLACED.replace(b'"', b"'"), "property name"),
        (gzip.compress(PLACED), "is not UTF-8"),
        (b"currency=EUR&payment_method=sandbox-approve", "line 1, column 1"),
    ],
)
def test_what_is_not_json_is_refused_with_the_reason(system: Running, body: bytes, why: str) -> None:
    answer = place(system, body).answer
    assert (answer.status, answer.problem) == (400, "invalid-request")
    assert why in json.loads(answer.body)["detail"]


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("quantity", "0"),
        ("quantity", "-1"),
        ("quantity", "1001"),
        ("quantity", "1e400"),
        ("quantity", "-1e400"),
        ("quantity", "1.0"),
        ("quantity", "1E0"),
        ("quantity", "-0.0"),
        ("quantity", "true"),
        ("quantity", str(10**400)),
        ("quantity", str(2**63)),
        ("quantity", str(2**64 + 1)),
        ("quantity", '"1"'),
        ("quantity", "null"),
        ("quantity", "[1]"),
        ("quantity", "{}"),
        ("unit_price_minor", "-1"),
        ("unit_price_minor", "100000001"),
        ("unit_price_minor", str(2**63)),
        ("unit_price_minor", str(-(2**63) - 1)),
        ("unit_price_minor", "0.1"),
        ("sku", '""'),
        ("sku", '"TEA\\u0000POT"'),
        ("sku", '"\\ud800"'),
        ("sku", '"\\udc00\\ud800"'),
        ("sku", '"TEAPOT\\n"'),
        ("sku", '"\u202etopaet"'),
        ("sku", '"\\ud83d\\ude00"'),
        ("sku", '"../../etc/passwd"'),
        ("sku", '"\'; DROP TABLE orders; --"'),
        ("sku", '"__proto__"'),
        ("sku", '"' + "A" * 65 + '"'),
        ("sku", '"' + "A" * 200_000 + '"'),
        ("__proto__", "{}"),
        ("\\ud800", "1"),
        ("tenant", '"globex"'),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_its_name(system: Running, field: str, written: str) -> None:
    others = {name: value for name, value in ITEM.items() if name != field}
    item = f'{json.dumps(others)[:-1]}, "{field}": {written}}}'
    body = json.dumps({**ORDER, "items": "@"}).replace('"@"', f"[{item}]").encode()
    answer = place(system, body).answer
    assert (answer.status, answer.problem) == (400, "invalid-request")
    (error,) = json.loads(answer.body)["errors"]
    assert error["field"] == f"items[0].{field}"
    assert len(answer.body) < 1000


def test_the_largest_total_is_kept_to_the_last_unit(system: Running) -> None:
    """99 items at their bounds stay below 2**53, so that no total can overflow whatever keeps it."""
    items = [{"sku": f"S{number}", "quantity": 1000, "unit_price_minor": 100_000_000} for number in range(99)]
    placed = place(system, json.dumps({**ORDER, "items": items}).encode()).answer
    assert placed.status == 202
    found = exchange(system, request("GET", placed.headers["location"], token=system.token())).answer
    assert json.loads(found.body)["total_minor"] == 99 * 1000 * 100_000_000 < 2**53
    assert place(system, json.dumps({**ORDER, "items": [*items, ITEM]}).encode()).answer.status == 400


def test_a_flood_of_wrong_fields_is_answered_in_few_words(system: Running) -> None:
    body = json.dumps({**ORDER, **{f"x{number}": number for number in range(15_000)}}).encode()
    answer = place(system, body).answer
    assert answer.status == 400
    assert len(answer.body) < 20_000


@pytest.mark.parametrize(
    "kind",
    [
        "Content-Type: text/plain",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Type: application/json; charset=utf-16",
        "Content-Type: application/json; charset=utf-7",
        "Content-Type: application/json, text/plain",
        "Content-Type: application/jsonp",
        "Content-Type: application/xml",
        "Content-Type: */*",
        "Content-Type:",
        "Content-Type: application/json\xff",
        "Content-Type: " + "a" * 10_000,
    ],
)
def test_a_body_of_another_kind_is_refused(system: Running, kind: str) -> None:
    answer = place(system, PLACED, kind).answer
    assert (answer.status, answer.problem) == (415, "unsupported-media-type")


def test_two_kinds_at_once_are_none(system: Running) -> None:
    both = ("Content-Type: application/json", "Content-Type: text/plain")
    assert place(system, PLACED, *both).answer.status == 415


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip", "unheard-of"])
@pytest.mark.parametrize("body", [PLACED, gzip.compress(PLACED)], ids=["plain", "gzip"])
def test_a_body_in_a_coding_is_refused_and_not_unpacked(system: Running, coding: str, body: bytes) -> None:
    answer = place(system, body, f"Content-Encoding: {coding}").answer
    assert (answer.status, answer.problem) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "key", ["", " ", "a b", "a" * 256, "\xff", "a\tb", "ключ".encode().decode("latin-1")], ids=range(7)
)
def test_an_idempotency_key_of_other_than_visible_characters_is_refused(system: Running, key: str) -> None:
    assert place(system, PLACED, f"Idempotency-Key: {key}").answer.status == 400


def test_two_idempotency_keys_are_none(system: Running) -> None:
    assert place(system, PLACED, "Idempotency-Key: a", "Idempotency-Key: a").answer.status == 400
