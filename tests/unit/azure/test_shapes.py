"""Inputs of one resource that Azure or its provider refuses, each beside the same inputs done right."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_azure_native as azure
import pytest

from tests.azure import shapes
from tests.azure.computed import SHAPES
from tests.azure.limits import LIMITS, NAMED, NAMES, SPANS
from tests.azure.outputs import UnknownResourceError
from tests.changed import with_value
from tests.graph import RefusedInputsError, record
from tests.unit.azure.inputs import RIGHT
from tests.unit.azure.wrong_inputs import WRONG


@pytest.mark.parametrize("type_token", RIGHT)
def test_inputs_that_azure_takes_are_taken(type_token: str) -> None:
    assert list(shapes.problems(type_token, RIGHT[type_token])) == []


@pytest.mark.parametrize(("type_token", "path", "value"), WRONG)
def test_inputs_that_azure_refuses_are_refused_at_their_path(type_token: str, path: str, value: object) -> None:
    found = [problem.path for problem in shapes.problems(type_token, with_value(RIGHT[type_token], path, value))]
    assert found
    assert all(path.startswith(each) or each.startswith(path) for each in found)


@pytest.mark.parametrize("type_token", [each for each in RIGHT if "location" in RIGHT[each]])
def test_no_resource_leaves_its_location_to_the_machine(type_token: str) -> None:
    inputs = {name: value for name, value in RIGHT[type_token].items() if name != "location"}
    assert [each.path for each in shapes.problems(type_token, inputs)] == ["location"]


@pytest.mark.parametrize("type_token", [each for each in RIGHT if each in NAMED])
def test_a_physical_name_has_to_be_given(type_token: str) -> None:
    inputs = {name: value for name, value in RIGHT[type_token].items() if name != NAMED[type_token]}
    assert [each.path for each in shapes.problems(type_token, inputs)] == [NAMED[type_token]]


def test_no_value_is_shown_that_could_be_a_secret() -> None:
    inputs = {**RIGHT["azure-native:keyvault:Secret"], "properties": {"value": ["hunter2"]}}
    told = " ".join(map(str, shapes.problems("azure-native:keyvault:Secret", inputs)))
    assert "properties.value" in told
    assert "hunter2" not in told


@pytest.mark.parametrize("kind", ["servicebus:Rule", "storage:Blob", "web:WebAppApplicationSettings"])
def test_what_does_another_thing_than_it_seems_to_is_no_type_that_is_known(kind: str) -> None:
    """A rule beside the one that takes all; an upload with the account's key; a set that replaces all settings."""
    with pytest.raises(UnknownResourceError, match=kind):
        list(shapes.problems(f"azure-native:{kind}", {}))


def test_only_types_that_are_known_have_rules() -> None:
    assert NAMED.keys() == NAMES.keys()
    assert NAMED.keys() | LIMITS.keys() | SPANS.keys() <= SHAPES.keys()


def test_a_misspelt_key_of_a_nested_dict_fails_the_recording() -> None:
    def program() -> dict[str, pulumi.Input[Any]]:
        azure.eventgrid.Topic(  # type: ignore[call-overload]
            "t",
            resource_group_name="orderly",
            location="westeurope",
            topic_name="orders",
            identity={"kind": "SystemAssigned"},
        )
        return {}

    with pytest.raises(RefusedInputsError, match=r"eventgrid\.Topic t: identity\.kind is no argument"):
        record(program)
