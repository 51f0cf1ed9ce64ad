"""A model of draft 4 takes what the function takes, and refuses what it refuses."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest
from jsonschema import Draft4Validator
from msgspec import Meta

from components.aws._rest_models import draft_4
from components.errors import WiringError
from functions.api.bodies import PlaceOrderBody
from functions.api.body import decode
from functions.api.problems import ProblemError

ITEM = {"sku": "TEAPOT-BLUE", "quantity": 2, "unit_price_minor": 1999}
ORDER = {"currency": "EUR", "items": [ITEM], "payment_method": "sandbox-approve"}
WRONG: dict[str, dict[str, Any]] = {
    "a currency in small letters": {"currency": "eur"},
    "no articles": {"items": []},
    "a hundred articles": {"items": [{**ITEM, "sku": f"S{number}"} for number in range(100)]},
    "none of an article": {"items": [{**ITEM, "quantity": 0}]},
    "too many of an article": {"items": [{**ITEM, "quantity": 1001}]},
    "half an article": {"items": [{**ITEM, "quantity": 0.5}]},
    "a negative price": {"items": [{**ITEM, "unit_price_minor": -1}]},
    "a price too high": {"items": [{**ITEM, "unit_price_minor": 100_000_001}]},
    "an article without a price": {"items": [{"sku": "TEAPOT", "quantity": 1}]},
    "an article's unknown field": {"items": [{**ITEM, "colour": "blue"}]},
    "an unknown field": {"tenant": "other"},
    "a number for a text": {"payment_method": 7},
}


@pytest.fixture(scope="module")
def model() -> Draft4Validator:
    schema = draft_4(PlaceOrderBody)
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


def test_a_model_names_its_draft_and_refers_to_nothing_outside_of_it() -> None:
    schema = draft_4(PlaceOrderBody)
    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert "$ref" not in str(schema)
    assert schema["properties"]["items"]["items"]["required"] == ["sku", "quantity", "unit_price_minor"]


def test_a_model_takes_an_order(model: Draft4Validator) -> None:
    assert list(model.iter_errors(ORDER)) == []


@pytest.mark.parametrize("wrong", WRONG)
def test_a_model_refuses_what_the_function_refuses(model: Draft4Validator, wrong: str) -> None:
    body = {**ORDER, **WRONG[wrong]}
    assert list(model.iter_errors(body))
    with pytest.raises(ProblemError):
        decode(msgspec.json.encode(body), PlaceOrderBody)


def test_a_keyword_that_draft_4_has_not_is_refused_rather_than_lost() -> None:
    class Pair(msgspec.Struct):
        sizes: tuple[int, str]

    with pytest.raises(WiringError, match=r"prefixItems.*translate it here"):
        draft_4(Pair)


def test_a_bound_that_was_a_number_of_its_own_later_is_refused_too() -> None:
    class Above(msgspec.Struct):
        size: Annotated[float, Meta(gt=0)]

    with pytest.raises(WiringError, match="exclusiveMinimum"):
        draft_4(Above)
