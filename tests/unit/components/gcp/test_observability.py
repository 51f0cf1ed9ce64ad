"""The alert policies, the way that they reach an operator, the dashboard, and where logs are kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from tests.gcp import metrics
from tests.gcp.discovery import bare_misfits
from tests.graph import Graph, Resource, build, config
from tests.readings import READINGS
from tests.unit.components.gcp.waiting import waited_for

OPERATOR = "operator@example.org"


@pytest.fixture(scope="module")
def graph() -> Graph:
    block = {"project": "orderly-test", "region": "europe-west1", "alarm_email": OPERATOR}
    return build(config("gcp", stage="prod", gcp=block))


@pytest.fixture(scope="module")
def policies(graph: Graph) -> Mapping[str, Resource]:
    return graph.of("monitoring.AlertPolicy")


@pytest.fixture(scope="module")
def tiles(graph: Graph) -> list[dict[str, Any]]:
    (dashboard,) = graph.of("monitoring.Dashboard").values()
    found: list[dict[str, Any]] = json.loads(dashboard.inputs["dashboardJson"])["mosaicLayout"]["tiles"]
    return found


def threshold(policy: Resource) -> Mapping[str, Any]:
    (condition,) = policy.inputs["conditions"]
    found: Mapping[str, Any] = condition["conditionThreshold"]
    return found


def test_every_policy_tells_the_operator_who_was_named(graph: Graph, policies: Mapping[str, Resource]) -> None:
    channel = graph.one("monitoring.NotificationChannel", "alarms")
    assert channel.inputs["labels"] == {"email_address": OPERATOR}
    assert {tuple(each.inputs["notificationChannels"]) for each in policies.values()} == {(channel.state["name"],)}


def test_without_a_name_nobody_is_told_and_incidents_are_opened_all_the_same() -> None:
    plain = build(config("gcp"))
    assert plain.of("monitoring.NotificationChannel") == {}
    assert len(plain.of("monitoring.AlertPolicy")) > 30


def test_every_policy_says_in_a_sentence_what_happened(policies: Mapping[str, Resource]) -> None:
    said = [each.inputs["documentation"]["content"] for each in policies.values()]
    assert all(sentence.endswith(".") and len(sentence.split()) > 4 for sentence in said)
    assert not [sentence for sentence, times in Counter(said).items() if times > 1]


def test_failures_are_watched_as_a_share_of_the_calls(policies: Mapping[str, Resource]) -> None:
    found = threshold(policies["function-fulfil-function-errors"])
    assert found["thresholdValue"] == 0.01
    assert metrics.read(found["filter"]).values["metric.labels.response_code_class"] == ("5xx",)
    assert "response_code_class" not in found["denominatorFilter"]


def test_one_value_is_enough_for_one_period_and_several_have_to_follow_for_several(
    policies: Mapping[str, Resource],
) -> None:
    once, thrice = (
        threshold(policies[name]) for name in ("queue-fulfilment-dead-letters", "function-fulfil-function-errors")
    )
    assert (once["duration"], once.get("evaluationMissingData")) == ("0s", None)
    assert (thrice["duration"], thrice["evaluationMissingData"]) == ("120s", "EVALUATION_MISSING_DATA_INACTIVE")


def test_what_issue_and_contract_ask_to_have_watched_is_watched(graph: Graph) -> None:
    about = {what for what, _ in READINGS["gcp"].alarms(graph)}
    assert about >= {
        "api-errors",
        "dead-letters",
        "queue-age-seconds",
        "feed-lag",
        "function-errors",
        "function-duration",
        "stuck-sagas",
        "failed-compensations",
        "failed-schedules",
        "logged-errors",
    }


def test_a_policy_waits_for_the_metric_that_is_counted_from_logs(
    graph: Graph, policies: Mapping[str, Resource]
) -> None:
    before = waited_for(graph, policies["observability-alarms-logged-errors"])
    assert ("logging.Metric", "alarms-errors") in before


def test_it_comes_after_what_takes_minutes_and_the_metric_before(
    graph: Graph, policies: Mapping[str, Resource]
) -> None:
    """Monitoring refuses a policy for up to ten minutes after its metric was made."""
    slow = {(kind, name) for kind in ("cloudfunctionsv2.Function", "apigateway.Gateway") for name in graph.of(kind)}
    assert slow <= waited_for(graph, policies["observability-alarms-logged-errors"])
    assert not slow & waited_for(graph, graph.one("logging.Metric", "alarms-errors"))


def test_what_google_measures_by_itself_is_watched_without_waiting(
    graph: Graph, policies: Mapping[str, Resource]
) -> None:
    assert ("apigateway.Gateway", "api") not in waited_for(graph, policies["function-relay-function-errors"])


def test_the_dashboard_is_one_that_monitoring_gives_back_as_it_is(graph: Graph) -> None:
    """Any other way of writing the same would be a difference at every `up`."""
    written = graph.one("monitoring.Dashboard", "alarms").inputs["dashboardJson"]
    assert json.dumps(json.loads(written), sort_keys=True, separators=(",", ":")) == written
    assert list(bare_misfits("monitoring.v1", "Dashboard", json.loads(written))) == []


def test_the_dashboard_shows_every_alarm_and_the_incidents_of_each_contract(
    tiles: list[dict[str, Any]], policies: Mapping[str, Resource]
) -> None:
    charts = [tile["widget"] for tile in tiles if "xyChart" in tile["widget"]]
    shown = [name for tile in tiles for name in tile["widget"].get("incidentList", {}).get("policyNames", ())]
    assert len(charts) == len(policies)
    assert sorted(shown) == sorted(each.state["name"] for each in policies.values())


def test_no_two_tiles_are_in_one_place(tiles: list[dict[str, Any]]) -> None:
    taken = [
        (x, y)
        for tile in tiles
        for x in range(tile.get("xPos", 0), tile.get("xPos", 0) + tile["width"])
        for y in range(tile.get("yPos", 0), tile.get("yPos", 0) + tile["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 48


@pytest.mark.parametrize(("stage", "days"), [("dev", 30), ("prod", 365)])
def test_logs_are_kept_as_long_as_the_stage_says(stage: str, days: int) -> None:
    kept = build(config("gcp", stage=stage))
    bucket, sink = kept.one("logging.ProjectBucketConfig", "alarms"), kept.one("logging.ProjectSink", "alarms")
    assert bucket.inputs["retentionDays"] == days
    assert sink.inputs["destination"] == f"logging.googleapis.com/{bucket.id}"


def test_the_bucket_of_logs_is_another_with_each_system(graph: Graph) -> None:
    """A deleted one keeps its id for a week."""
    number = graph.one("serviceaccount.Account", "orderly-build").state["uniqueId"]
    assert graph.one("logging.ProjectBucketConfig", "alarms").inputs["bucketId"].endswith(f"_{number}")


def test_every_function_has_its_logs_kept_there_and_nowhere_besides(graph: Graph) -> None:
    sink, excluded = graph.one("logging.ProjectSink", "alarms"), graph.one("logging.ProjectExclusion", "alarms")
    assert sink.inputs["filter"] == excluded.inputs["filter"]
    for function in graph.of("cloudfunctionsv2.Function").values():
        assert f'"{function.inputs["name"]}"' in sink.inputs["filter"]
    assert ("logging.ProjectSink", "alarms") in waited_for(graph, excluded)
