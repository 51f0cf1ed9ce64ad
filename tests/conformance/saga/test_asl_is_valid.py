"""Step Functions would accept what the compiler emits, as far as asl-validator can tell; it is shown to tell enough."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings

from components.saga.asl import compile_asl
from components.saga.definition import Saga
from components.saga.order import ORDER_SAGA
from tests.conformance.saga.asl_validator import AslValidator
from tests.conformance.saga.strategies import sagas

Document: TypeAlias = dict[str, Any]
Spoil: TypeAlias = Callable[[Document], object]


@pytest.fixture(scope="module")
def validator() -> Iterator[AslValidator]:
    with AslValidator() as started:
        yield started


def definition(saga: Saga) -> str:
    return compile_asl(saga, {task: f"arn:aws:lambda:eu-west-1:123456789012:function:{task}" for task in saga.tasks()})


def test_the_order_saga_is_valid(validator: AslValidator) -> None:
    assert validator.errors(definition(ORDER_SAGA)) == []


@given(saga=sagas())
@settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_saga_is_valid(validator: AslValidator, saga: Saga) -> None:
    assert validator.errors(definition(saga)) == []


def without(name: str) -> Spoil:
    return lambda state: state.pop(name)


def with_(**fields: object) -> Spoil:
    return lambda state: state.update(fields)


def in_a_branch(spoil: Spoil) -> Spoil:
    return lambda parallel: spoil(parallel["Branches"][0]["States"]["commit-inventory"])


@pytest.mark.parametrize(
    ("name", "spoil", "error"),
    [
        ("process-payment", with_(Next="nowhere"), "MISSING_TRANSITION_TARGET"),
        ("process-payment", without("Next"), "TERMINAL_STATE_WITH_NEXT"),
        ("process-payment", with_(TimeoutSeconds="soon"), "SCHEMA_VALIDATION_FAILED"),
        ("process-payment", with_(TimeoutSecondsPath="$.data"), "TASK_TIMEOUT"),
        ("process-payment", with_(ResultPath="$.answer["), "SCHEMA_VALIDATION_FAILED"),
        ("process-payment", with_(Retry=[{"MaxAttempts": 2}]), "SCHEMA_VALIDATION_FAILED"),
        ("process-payment", with_(Catch=[{"ErrorEquals": ["States.ALL"]}]), "SCHEMA_VALIDATION_FAILED"),
        ("process-payment", with_(Timeout=30), "SCHEMA_VALIDATION_FAILED"),
        ("process-payment: answered", with_(Default="nowhere"), "MISSING_TRANSITION_TARGET"),
        ("process-payment: answered", with_(Choices=[{"Variable": "$.answer"}]), "SCHEMA_VALIDATION_FAILED"),
        ("the end recorded", with_(Type="Success"), "SCHEMA_VALIDATION_FAILED"),
        ("the end not recorded", with_(Cause="both"), "FAIL_CAUSE_PROPERTY"),
        ("fulfilment", in_a_branch(with_(Next="complete-order")), "BRANCH_OUTBOUND_TRANSITION_TARGET"),
    ],
)
def test_what_step_functions_refuses_is_refused(validator: AslValidator, name: str, spoil: Spoil, error: str) -> None:
    document = json.loads(definition(ORDER_SAGA))
    spoil(document["States"][name])
    assert any(found.startswith(error) for found in validator.errors(json.dumps(document)))


def test_a_state_that_nothing_leads_to_is_refused(validator: AslValidator) -> None:
    document = json.loads(definition(ORDER_SAGA))
    document["States"]["alone"] = {"Type": "Succeed"}
    assert validator.errors(json.dumps(document)) != []
