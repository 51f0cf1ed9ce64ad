"""A wrong body is answered with everything that is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.api.bodies import PlaceOrderBody
from functions.api.body import MAX_PROBLEMS, decode
from functions.api.problems import ProblemError
from tests.unit.functions.api.shop import ORDER

ITEM = ORDER["items"][0]


def refused(body: bytes | object) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        decode(body if isinstance(body, bytes) else json.dumps(body).encode(), PlaceOrderBody)
    assert caught.value.type.status == 400
    return caught.value


def decoded_or_refused(body: bytes) -> PlaceOrderBody | ProblemError:
    try:
        return decode(body, PlaceOrderBody)
    except ProblemError as error:
        return error


def problems(body: object) -> dict[str, str]:
    return {error.field: error.problem for error in refused(body).errors}


def test_a_good_body_becomes_its_type() -> None:
    body = decode(json.dumps(ORDER).encode(), PlaceOrderBody)
    assert (body.currency, body.items[0].quantity, body.payment_method) == ("EUR", 2, "sandbox-approve")


def test_all_wrong_fields_are_named_at_once_with_what_is_allowed() -> None:
    assert problems(
        {
            "currency": "euro",
            "items": [{"sku": "", "quantity": 0, "unit_price_minor": "5"}, {**ITEM, "colour": "blue"}, 7],
            "coupon": "X",
        }
    ) == {
        "currency": 'must be a currency by its ISO 4217 code: three capital letters; got "euro"',
        "items[0].sku": "must be an article's number: 1 to 64 letters, digits, `.`, `-` or `_`, "
        'a letter or digit first; got ""',
        "items[0].quantity": "must be a whole number from 1 to 1000, got 0",
        "items[0].unit_price_minor": 'must be a whole number from 0 to 100000000, got "5"',
        "items[1].colour": "is not a field here; the fields are sku, quantity, unit_price_minor",
        "items[2]": "must be a JSON object, got 7",
        "payment_method": "is missing",
        "coupon": "is not a field here; the fields are currency, items, payment_method",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", 1001),
        ("quantity", 1.0),
        ("quantity", True),
        ("quantity", None),
        ("quantity", "2"),
        ("quantity", [2]),
        ("quantity", 10**400),
        ("unit_price_minor", -1),
        ("unit_price_minor", 100_000_001),
        ("sku", "a b"),
        ("sku", "-a"),
        ("sku", "a\n"),
        ("sku", "a/b"),
        ("sku", "x" * 65),
        ("sku", "\ud800"),
        ("sku", {}),
        ("sku", 7),
    ],
)
def test_a_value_out_of_bounds_is_refused(field: str, value: object) -> None:
    assert list(problems({**ORDER, "items": [{**ITEM, field: value}]})) == [f"items[0].{field}"]


@pytest.mark.parametrize("method", ["", "4111111111111111", "a b", "x" * 65, "a\n"])
def test_a_payment_method_is_a_token_and_never_a_card_number(method: str) -> None:
    assert list(problems({**ORDER, "payment_method": method})) == ["payment_method"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", 1),
        ("quantity", 1000),
        ("unit_price_minor", 0),
        ("unit_price_minor", 100_000_000),
        ("sku", "9"),
        ("sku", "a.B-c_" + "x" * 58),
    ],
)
def test_the_bounds_themselves_are_allowed(field: str, value: object) -> None:
    decode(json.dumps({**ORDER, "items": [{**ITEM, field: value}]}).encode(), PlaceOrderBody)


def test_an_order_has_as_many_items_as_one_transaction_can_reserve() -> None:
    many = [{**ITEM, "sku": f"S{number}"} for number in range(100)]
    decode(json.dumps({**ORDER, "items": many[:99]}).encode(), PlaceOrderBody)
    assert problems({**ORDER, "items": many}) == {"items": "must have 1 to 99 entries, got 100"}
    assert problems({**ORDER, "items": []}) == {"items": "must have 1 to 99 entries, got 0"}


def test_a_repeated_sku_is_refused_and_says_where_it_was() -> None:
    assert problems({**ORDER, "items": [ITEM, {**ITEM, "sku": "OTHER"}, ITEM]}) == {
        "items[2].sku": "is that of items[0] already; make one entry of both"
    }


def test_a_flood_of_problems_is_cut_off() -> None:
    assert len(refused({f"field-{number}": 1 for number in range(1000)}).errors) == MAX_PROBLEMS


def test_hostile_names_and_values_are_shown_short_and_in_ascii() -> None:
    for error in refused({"\ud800" * 5000: 1, "currency": "\u202e" * 5000}).errors:
        assert error.field.isascii()
        assert len(error.field) < 60
        assert error.problem.isascii()
        assert len(error.problem) < 200


@pytest.mark.parametrize("body", [b"null", b"7", b'"x"', b"[]", b"true"])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    (error,) = refused(body).errors
    assert (error.field, error.problem[:22]) == ("body", "must be a JSON object,")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "line 1, column 1"),
        (b"{", "line 1, column 2"),
        (b'{"a": 1} x', "Extra data"),
        (b"\xff{}", "byte 0 is not UTF-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        ('{"a": "x"}'.encode("utf-16"), "is not UTF-8"),
        (b'{"currency": NaN}', "NaN is not a JSON number"),
        (b'{"currency": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"currency": "EUR", "currency": "USD"}', 'the key "currency" stands more than once'),
        (b'{"items": [{"sku": "a", "sku": "b"}]}', 'the key "sku" stands more than once'),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 40_000, "nested too deeply"),
        (b'{"currency": ' + b"9" * 5000 + b"}", "number that is too long"),
    ],
)
def test_what_is_not_json_is_refused_with_the_place(body: bytes, why: str) -> None:
    assert why in refused(body).detail


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON | st.fixed_dictionaries({"currency": JSON, "items": st.lists(JSON, max_size=3), "payment_method": JSON}))
def test_any_json_is_either_the_type_or_refused_with_reasons(value: object) -> None:
    outcome = decoded_or_refused(json.dumps(value).encode())
    assert isinstance(outcome, PlaceOrderBody) or (outcome.type.status == 400 and outcome.errors)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_and_never_crash(body: bytes) -> None:
    refused(body)
