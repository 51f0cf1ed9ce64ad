"""Starts of both kinds of state machine."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pytest
from botocore.exceptions import ClientError

from components.saga.definition import SagaError
from functions.adapters.aws.clients import AwsUnavailableError
from functions.adapters.aws.keys import Item
from functions.adapters.aws.table import Table, Write
from functions.adapters.aws.workflow import LEASE_SECONDS, ExpressWorkflow, StandardWorkflow
from functions.domain.errors import RetryableError
from functions.environment import Environment, Variable
from functions.ports import WorkflowStarter
from tests.conformance.aws.calls import Call, recorded, scripted
from tests.conformance.aws_target import AwsTarget, create_state_machine
from tests.unit.functions.services.memory import HandMovedClock

DATA: Mapping[str, Any] = {"order_id": "order", "tenant": "acme"}


@dataclass
class Express:
    """An express workflow whose clock the test moves, and what it asked of Step Functions."""

    workflow: ExpressWorkflow
    clock: HandMovedClock
    starts: list[Call] = field(default_factory=list)


@pytest.fixture
def express(aws: AwsTarget) -> Express:
    machine = create_state_machine(aws.cloud, f"{aws.name}-express", "EXPRESS")
    ports, calls = recorded(aws)
    clock = HandMovedClock()
    table = Table(aws.clients.dynamodb, aws.name)
    return Express(ExpressWorkflow(ports.clients.stepfunctions, machine, table, clock), clock, calls)


def test_an_express_run_is_started_once_however_often_it_is_asked_for(express: Express) -> None:
    assert [express.workflow.start("order", DATA) for _ in range(3)] == [True, False, False]
    express.clock.advance(days=30)
    assert express.workflow.start("order", DATA) is False
    assert [call.request["name"] for call in express.starts] == ["order"]


def test_an_express_run_asked_for_at_once_is_started_once(express: Express) -> None:
    together = threading.Barrier(8)

    def start(_: int) -> bool:
        together.wait()
        try:
            return express.workflow.start("order", DATA)
        except RetryableError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(8))) == 1
    assert len(express.starts) == 1


def test_a_start_that_was_refused_can_be_tried_again_at_once(express: Express) -> None:
    nowhere, states = scripted("stepfunctions")
    states.add_client_error("start_execution", service_error_code="StateMachineDoesNotExist")
    with pytest.raises(ClientError):
        replace(express.workflow, client=nowhere).start("order", DATA)
    assert express.starts == []
    assert [express.workflow.start("order", DATA) for _ in range(2)] == [True, False]


def test_a_start_that_may_have_happened_comes_again_when_its_lease_is_over(express: Express) -> None:
    nowhere, states = scripted("stepfunctions")
    states.add_client_error("start_execution", service_error_code="InternalFailure", http_status_code=500)
    with pytest.raises(RetryableError):
        replace(express.workflow, client=nowhere).start("order", DATA)
    express.clock.advance(seconds=LEASE_SECONDS - 1)
    with pytest.raises(RetryableError, match="order"):
        express.workflow.start("order", DATA)
    assert express.starts == []
    express.clock.advance(seconds=1)
    assert [express.workflow.start("order", DATA) for _ in range(2)] == [True, False]


def test_an_express_start_that_cannot_be_noted_is_done_all_the_same(express: Express) -> None:
    """To fail would bring the event back, and a second execution for certain."""

    class LosingTheNote(Table):
        def write(self, write: Write, *, returning: Literal["NONE", "UPDATED_NEW"] = "NONE") -> Item:
            if write.verb == "Update":
                raise AwsUnavailableError("DynamoDB does not answer")
            return super().write(write, returning=returning)

    table = express.workflow.table
    losing = replace(express.workflow, table=LosingTheNote(table.client, table.name))
    assert losing.start("order", DATA) is True
    with pytest.raises(RetryableError):
        express.workflow.start("order", DATA)
    assert len(express.starts) == 1


def test_an_express_run_is_remembered_as_long_as_a_standard_one(express: Express, aws: AwsTarget) -> None:
    express.workflow.start("order", DATA)
    (run,) = aws.items("run")
    assert int(run["expires_at"]["N"]) - int(express.clock.now().timestamp()) == 90 * 24 * 3600
    assert (run["pk"], run["sk"], run["started"]) == ({"S": "RUN#order"}, {"S": "RUN"}, {"BOOL": True})


@pytest.mark.parametrize("kind", ["standard", "express"])
@pytest.mark.parametrize(("run_id", "data"), [("or:der", DATA), ("", DATA), ("order", {"n": 2**53})])
def test_what_not_every_target_takes_is_not_started(
    aws: AwsTarget, express: Express, kind: str, run_id: str, data: Mapping[str, Any]
) -> None:
    workflow: WorkflowStarter = express.workflow if kind == "express" else aws.workflow
    with pytest.raises(SagaError):
        workflow.start(run_id, data)
    assert (aws.items("run"), aws.runs(), express.starts) == ([], [], [])


def test_the_kind_decides_whether_starts_are_guarded(aws: AwsTarget) -> None:
    assert isinstance(aws.workflow, StandardWorkflow)
    variables = {**aws.environment.values, Variable.WORKFLOW_KIND.value: "express"}
    assert isinstance(replace(aws, environment=Environment(variables)).workflow, ExpressWorkflow)


def test_a_busy_engine_may_be_asked_again() -> None:
    client, states = scripted("stepfunctions")
    states.add_client_error("start_execution", service_error_code="ThrottlingException")
    with pytest.raises(RetryableError, match="Step Functions"):
        StandardWorkflow(client, "arn:aws:states:us-east-1:000000000000:stateMachine:order").start("order", DATA)
