"""Inputs of one resource that AWS or its provider refuses, each beside the same inputs done right."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from tests.aws import shapes
from tests.aws.calls import CALLS
from tests.aws.limits import LIMITS
from tests.aws.outputs import SHAPES, UnknownResourceError
from tests.changed import with_value
from tests.graph import RefusedInputsError, record
from tests.unit.aws.inputs import RIGHT, ROLE, WRONG


@pytest.mark.parametrize("type_token", RIGHT)
def test_inputs_that_aws_takes_are_taken(type_token: str) -> None:
    assert list(shapes.problems(type_token, RIGHT[type_token])) == []


@pytest.mark.parametrize(("type_token", "path", "value"), WRONG)
def test_inputs_that_aws_refuses_are_refused_at_their_path(type_token: str, path: str, value: object) -> None:
    found = list(shapes.problems(type_token, with_value(RIGHT[type_token], path, value)))
    assert found
    assert all(problem.path.startswith(path) for problem in found)


@pytest.mark.parametrize("type_token", RIGHT)
def test_a_resource_without_a_required_argument_is_refused(type_token: str) -> None:
    found = [problem.path for problem in shapes.problems(type_token, {})]
    assert found
    assert set(found) <= RIGHT[type_token].keys()


def test_a_physical_name_has_to_be_given() -> None:
    (problem,) = shapes.problems("aws:sqs/queue:Queue", {"visibilityTimeoutSeconds": 60})
    assert problem.path == "name"


def test_no_value_is_shown_that_could_be_a_secret() -> None:
    inputs = {"secretId": 5, "secretString": ["hunter2"]}
    told = " ".join(map(str, shapes.problems("aws:secretsmanager/secretVersion:SecretVersion", inputs)))
    assert "secretString" in told
    assert "hunter2" not in told


def test_an_unknown_type_is_refused_with_where_to_add_it() -> None:
    with pytest.raises(UnknownResourceError, match=r"ec2/vpc.*tests/aws/calls\.py"):
        list(shapes.problems("aws:ec2/vpc:Vpc", {}))


def test_every_known_type_has_outputs_a_request_and_nothing_else() -> None:
    assert CALLS.keys() == SHAPES.keys()
    assert LIMITS.keys() <= CALLS.keys()


def test_a_misspelt_key_of_a_nested_dict_fails_the_recording() -> None:
    def program() -> dict[str, pulumi.Input[Any]]:
        aws.lambda_.Function("f", name="orders", role=ROLE, tracing_config={"mood": "Active"})  # type: ignore[call-overload]
        return {}

    with pytest.raises(RefusedInputsError, match=r"lambda\.Function f: tracingConfig\.mood is no argument"):
        record(program)
