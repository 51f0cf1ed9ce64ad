"""Inputs of one resource that Google Cloud or its provider refuses, each beside the same inputs done right."""

from __future__ import annotations

import copy
from typing import Any

import pulumi
import pulumi_gcp as gcp
import pytest

from tests.changed import with_value
from tests.gcp import openapi2, shapes
from tests.gcp.computed import SHAPES
from tests.gcp.limits import LIMITS
from tests.gcp.outputs import UnknownResourceError
from tests.gcp.requests import REQUESTS
from tests.graph import RefusedInputsError, record
from tests.unit.gcp.inputs import DOCUMENT, RIGHT
from tests.unit.gcp.wrong_inputs import WRONG, WRONG_DOCUMENTS


@pytest.mark.parametrize("type_token", RIGHT)
def test_inputs_that_google_takes_are_taken(type_token: str) -> None:
    assert list(shapes.problems(type_token, RIGHT[type_token])) == []


@pytest.mark.parametrize(("type_token", "path", "value"), WRONG)
def test_inputs_that_google_refuses_are_refused_at_their_path(type_token: str, path: str, value: object) -> None:
    found = [problem.path for problem in shapes.problems(type_token, with_value(RIGHT[type_token], path, value))]
    assert found
    assert all(path.startswith(each) or each.startswith(path) for each in found)


@pytest.mark.parametrize("type_token", [each for each in RIGHT if not each.startswith("gcp:projects/")])
def test_no_resource_leaves_its_project_to_the_machine(type_token: str) -> None:
    inputs = {name: value for name, value in RIGHT[type_token].items() if name != "project"}
    assert [each.path for each in shapes.problems(type_token, inputs)] == ["project"]


def test_a_physical_name_has_to_be_given() -> None:
    (problem,) = shapes.problems("gcp:pubsub/topic:Topic", {"project": "orderly-test"})
    assert problem.path == "name"


@pytest.mark.parametrize(
    ("type_token", "setting"),
    [
        ("gcp:firestore/database:Database", "deletionPolicy"),
        ("gcp:firestore/database:Database", "deleteProtectionState"),
        ("gcp:workflows/workflow:Workflow", "deletionProtection"),
    ],
)
def test_what_keeps_data_says_whether_it_can_be_deleted(type_token: str, setting: str) -> None:
    """By default the provider abandons a database, and keeps a workflow for ever."""
    inputs = {name: value for name, value in RIGHT[type_token].items() if name != setting}
    assert [each.path for each in shapes.problems(type_token, inputs)] == [setting]


def test_no_value_is_shown_that_could_be_a_secret() -> None:
    inputs = {"secret": 5, "secretData": ["hunter2"]}
    told = " ".join(map(str, shapes.problems("gcp:secretmanager/secretVersion:SecretVersion", inputs)))
    assert "secretData" in told
    assert "hunter2" not in told


@pytest.mark.parametrize("kind", ["IAMBinding", "IAMPolicy"])
def test_what_evicts_every_other_member_is_no_type_that_is_known(kind: str) -> None:
    with pytest.raises(UnknownResourceError, match=kind):
        list(shapes.problems(f"gcp:pubsub/topic{kind}:Topic{kind}", {}))


def test_every_known_type_has_outputs_a_request_and_nothing_else() -> None:
    assert REQUESTS.keys() == SHAPES.keys()
    assert LIMITS.keys() <= REQUESTS.keys()


def test_a_misspelt_key_of_a_nested_dict_fails_the_recording() -> None:
    def program() -> dict[str, pulumi.Input[Any]]:
        gcp.pubsub.Topic("t", name="orders", project="orderly-test", schema_settings={"skema": "x"})  # type: ignore[call-overload]
        return {}

    with pytest.raises(RefusedInputsError, match=r"pubsub\.Topic t: schemaSettings\.skema is no argument"):
        record(program)


def test_a_document_that_api_gateway_takes_is_taken() -> None:
    assert list(openapi2.misfits(DOCUMENT)) == []


@pytest.mark.parametrize(("path", "value", "said"), WRONG_DOCUMENTS)
def test_a_document_that_api_gateway_refuses_is_refused(path: str, value: object, said: str) -> None:
    changed: Any = copy.deepcopy(dict(DOCUMENT))
    *steps, last = path.split(".")
    place = changed
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    assert any(said in problem for problem in openapi2.misfits(changed))
