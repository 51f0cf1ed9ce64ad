"""The schedule: when Cloud Scheduler calls, as whom, how often again, and what is made of a call that fails."""

from __future__ import annotations

import pytest

from components.gcp.schedule import RETRIES
from tests.graph import Graph, Resource, build, config
from tests.unit.components.gcp.members import May, may
from tests.unit.components.gcp.waiting import waited_for


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build(config("gcp", schedule={"cron": "30 4 * * 1", "timezone": "Europe/Berlin"}))


@pytest.fixture(scope="module")
def job(graph: Graph) -> Resource:
    return graph.one("cloudscheduler.Job", "cleanup")


def test_five_fields_are_taken_as_they_are_in_the_zones_own_time(job: Resource) -> None:
    assert (job.inputs["schedule"], job.inputs["timeZone"]) == ("30 4 * * 1", "Europe/Berlin")


def test_it_posts_to_the_function_with_a_token_for_it(graph: Graph, job: Resource) -> None:
    address = graph.one("cloudfunctionsv2.Function", "cleanup").state["serviceConfig"]["uri"]
    caller = graph.one("serviceaccount.Account", "cleanup-schedule").state["email"]
    assert job.inputs["httpTarget"] == {
        "uri": address,
        "httpMethod": "POST",
        "oidcToken": {"serviceAccountEmail": caller, "audience": address},
    }


def test_its_account_may_call_that_function_and_nothing_else(graph: Graph, job: Resource) -> None:
    assert may(graph, "cleanup-schedule") == {May(role="run.invoker", on="cleanup")}
    assert ("cloudrunv2.ServiceIamMember", "cleanup-cleanup-schedule") in waited_for(graph, job)


def test_it_waits_longer_than_the_function_may_take(graph: Graph, job: Resource) -> None:
    timeout = graph.one("cloudfunctionsv2.Function", "cleanup").inputs["serviceConfig"]["timeoutSeconds"]
    assert int(job.inputs["attemptDeadline"].removesuffix("s")) > timeout


def test_a_call_that_fails_is_made_again_as_often_as_can_be(job: Resource) -> None:
    retries = job.inputs["retryConfig"]
    assert retries["retryCount"] == 5
    assert (retries["minBackoffDuration"], retries["maxBackoffDuration"]) == ("30s", "300s")


def test_a_short_function_is_given_cloud_schedulers_shortest_deadline() -> None:
    short = build(config("gcp", functions={"timeout": "1s"})).one("cloudscheduler.Job", "cleanup")
    assert short.inputs["attemptDeadline"] == "15s"


def test_an_alarm_is_raised_once_every_attempt_has_failed(graph: Graph, job: Resource) -> None:
    metric = graph.one("logging.Metric", "cleanup-schedule").inputs
    assert f'resource.labels.job_id="{job.inputs["name"]}"' in metric["filter"]
    policy = graph.one("monitoring.AlertPolicy", "schedule-cleanup-failed-schedules")
    (threshold,) = (each["conditionThreshold"] for each in policy.inputs["conditions"])
    assert threshold["thresholdValue"] == RETRIES
    assert f'metric.type = "logging.googleapis.com/user/{metric["name"]}"' in threshold["filter"]


def test_every_attempt_is_made_within_what_is_looked_at(graph: Graph, job: Resource) -> None:
    """Waits of 30 s, doubled up to 5 minutes, and each attempt as long as it may be."""
    waits, wait = [], 30
    for _ in range(RETRIES):
        waits.append(min(wait, 300))
        wait *= 2
    longest = sum(waits) + (RETRIES + 1) * 305
    policy = graph.one("monitoring.AlertPolicy", "schedule-cleanup-failed-schedules")
    (aggregation,) = policy.inputs["conditions"][0]["conditionThreshold"]["aggregations"]
    assert int(aggregation["alignmentPeriod"].removesuffix("s")) > longest
