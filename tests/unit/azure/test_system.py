"""The whole order system on Azure, in each of the forms that it can be configured in, beside what it refuses."""

from __future__ import annotations

import pytest

from tests.azure.refusals import refusals
from tests.unit.azure.breaking import FORMS, built


@pytest.mark.parametrize("form", FORMS)
def test_azure_refuses_nothing(form: str) -> None:
    assert refusals(built(form)) == []


@pytest.mark.parametrize("form", FORMS)
def test_no_two_things_have_one_identifier(form: str) -> None:
    ids = [each.id.lower() for each in built(form) if each.type.startswith("azure-native:")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("form", FORMS)
def test_everything_is_in_the_configured_subscription(form: str) -> None:
    found = {each.id.split("/")[2] for each in built(form) if each.type.startswith("azure-native:")}
    assert found == {"11111111-2222-3333-4444-555555555555"}
