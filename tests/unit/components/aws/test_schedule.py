"""What only EventBridge Scheduler has: its own cron, a role for the group, two places where a call can be given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from components.aws._cron import scheduler_cron
from components.cron import check_cron
from components.function import Function
from components.schedule import Schedule, ScheduleArgs
from tests.graph import Graph
from tests.unit.components.aws.resource_policies import allowed, arn, statements
from tests.unit.components.aws.scheduler import calls
from tests.unit.components.making import Make, function_args, made_alone

YEAR = datetime(2028, 1, 1, tzinfo=UTC)
"""With a 29 February."""


@pytest.fixture(scope="module")
def graph() -> Graph:
    def wire(make: Make) -> None:
        function = make(Function, "sweep", function_args())
        make(Schedule, "nightly", ScheduleArgs(cron="30 4 * * 1", timezone="Europe/Berlin", function=function))

    return made_alone("aws", wire)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 2 * * *", "cron(0 2 * * ? *)"),
        ("30 4 * * 1", "cron(30 4 ? * 2 *)"),
        ("0 0 1 * *", "cron(0 0 1 * ? *)"),
        ("*/15 8-17 * * 1-5", "cron(0,15,30,45 8-17 ? * 2-6 *)"),
        ("0 0 * * 5-7", "cron(0 0 ? * 1,6-7 *)"),
        ("0 0 * * 0", "cron(0 0 ? * 1 *)"),
        ("0 0 * * 7", "cron(0 0 ? * 1 *)"),
        ("0 0 * * */2", "cron(0 0 ? * 1,3,5,7 *)"),
        ("0 0 */10 1,12 *", "cron(0 0 1,11,21,31 1,12 ? *)"),
        ("5/20 * * * 0-6", "cron(5,25,45 * * * ? *)"),
    ],
)
def test_five_fields_become_schedulers_six(expression: str, expected: str) -> None:
    assert scheduler_cron(expression) == expected


def _fields(lowest: int, highest: int) -> st.SearchStrategy[str]:
    number = st.integers(lowest, highest)
    span = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    start = st.one_of(st.just("*"), number.map(str), span)
    stepped = st.tuples(start, st.integers(1, highest)).map(lambda parts: f"{parts[0]}/{parts[1]}")
    return st.one_of(st.just("*"), st.lists(st.one_of(start, stepped), min_size=1, max_size=4).map(",".join))


DAYS = st.one_of(
    st.tuples(_fields(1, 31), st.just("*")),
    st.tuples(st.just("*"), _fields(0, 7)),
)


@settings(max_examples=60, deadline=None)
@given(minute=st.integers(0, 59), hour=st.integers(0, 23), days=DAYS, month=_fields(1, 12))
def test_scheduler_calls_on_the_days_that_the_expression_names(
    minute: int, hour: int, days: tuple[str, str], month: str
) -> None:
    expression = f"{minute} {hour} {days[0]} {month} {days[1]}"
    assert _minutes_of_scheduler(expression, timedelta(days=366)) == _minutes_of_cron(expression, timedelta(days=366))


@settings(max_examples=60, deadline=None)
@given(minutes=_fields(0, 59), hours=_fields(0, 23))
def test_scheduler_calls_at_the_minutes_that_the_expression_names(minutes: str, hours: str) -> None:
    expression = f"{minutes} {hours} * * *"
    assert _minutes_of_scheduler(expression, timedelta(days=2)) == _minutes_of_cron(expression, timedelta(days=2))


@given(minutes=_fields(0, 59), hours=_fields(0, 23), days=DAYS, months=_fields(1, 12))
def test_no_expression_outgrows_schedulers_limit(minutes: str, hours: str, days: tuple[str, str], months: str) -> None:
    assert len(scheduler_cron(f"{minutes} {hours} {days[0]} {months} {days[1]}")) <= 256


def _minutes_of_cron(expression: str, length: timedelta) -> list[datetime]:
    """From before the first minute, because cronsim starts after the moment it is given."""
    try:
        check_cron(expression)
    except ValueError:
        return []
    found = []
    for moment in CronSim(expression, YEAR - timedelta(minutes=1)):
        if moment >= YEAR + length:
            break
        found.append(moment)
    return found


def _minutes_of_scheduler(expression: str, length: timedelta) -> list[datetime]:
    try:
        check_cron(expression)
    except ValueError:
        return []
    return calls(scheduler_cron(expression), YEAR, length)


def test_the_schedule_calls_the_live_alias_at_the_zones_own_time(graph: Graph) -> None:
    schedule = graph.one("scheduler.Schedule", "nightly").inputs
    assert schedule["scheduleExpression"] == "cron(30 4 ? * 2 *)"
    assert schedule["scheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["flexibleTimeWindow"] == {"mode": "OFF"}
    assert schedule["target"]["arn"] == arn(graph, "lambda.Alias", "sweep")
    assert schedule["groupName"] == graph.one("scheduler.ScheduleGroup", "nightly").state["name"]


def test_the_role_is_the_groups_and_may_call_and_keep_what_failed(graph: Graph) -> None:
    role = graph.one("iam.Role", "nightly-schedule")
    (trust,) = statements(role, "assumeRolePolicy")
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnEquals": {"aws:SourceArn": arn(graph, "scheduler.ScheduleGroup", "nightly")},
    }
    policy, schedule = graph.one("iam.RolePolicy", "nightly-schedule"), graph.one("scheduler.Schedule", "nightly")
    assert [(entry["Action"], entry["Resource"]) for entry in statements(policy)] == [
        (["lambda:InvokeFunction"], [arn(graph, "lambda.Alias", "sweep")]),
        (["sqs:SendMessage"], [arn(graph, "sqs.Queue", "nightly-dead-letters")]),
    ]
    assert schedule.inputs["target"]["roleArn"] == role.state["arn"]
    assert policy.urn in schedule.dependencies


def test_a_call_is_kept_whether_scheduler_or_lambda_gives_it_up(graph: Graph) -> None:
    dead = arn(graph, "sqs.Queue", "nightly-dead-letters")
    schedule = graph.one("scheduler.Schedule", "nightly").inputs
    assert schedule["target"]["deadLetterConfig"] == {"arn": dead}
    invoked = graph.one("lambda.FunctionEventInvokeConfig", "nightly").inputs
    assert invoked["destinationConfig"] == {"onFailure": {"destination": dead}}
    assert (invoked["functionName"], invoked["qualifier"]) == (
        graph.one("lambda.Function", "sweep").state["name"],
        "live",
    )
    assert invoked["maximumRetryAttempts"] == 2


def test_the_function_may_keep_failed_calls_before_lambda_is_told_to(graph: Graph) -> None:
    (late,) = (
        found
        for found in graph.of("iam.RolePolicy").values()
        if found.inputs["role"] == graph.one("iam.Role", "sweep").state["name"] and found.name != "sweep"
    )
    (may,) = statements(late)
    assert (may["Action"], may["Resource"]) == (["sqs:SendMessage"], [arn(graph, "sqs.Queue", "nightly-dead-letters")])
    assert late.urn in graph.one("lambda.FunctionEventInvokeConfig", "nightly").dependencies


def test_no_service_needs_to_be_let_in_to_the_dead_letters(graph: Graph) -> None:
    assert allowed(graph.one("sqs.QueuePolicy", "nightly-dead-letters")) == []
