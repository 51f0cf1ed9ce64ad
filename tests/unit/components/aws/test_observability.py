"""The alarms that an operator is told of, the way that they reach him, and the dashboard."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from components.aws._alarms import Alarm, Metric
from components.aws._metric_alarm import expression_of, metrics_of
from functions.entrypoints.aws import observed
from tests.graph import Graph, build, config
from tests.unit.components.aws.policies import statements

OPERATOR = "operator@example.org"
MOST_METRICS = 10
"""Of one alarm, by CloudWatch's quota."""


@pytest.fixture(scope="module")
def graph() -> Graph:
    block = {"region": "eu-central-1", "account": "123456789012", "alarm_email": OPERATOR}
    return build(config("aws", stage="prod", aws=block))


@pytest.fixture(scope="module")
def alarms(graph: Graph) -> Mapping[str, Mapping[str, Any]]:
    return {name: found.state for name, found in graph.of("cloudwatch.MetricAlarm").items()}


@pytest.fixture(scope="module")
def widgets(graph: Graph) -> list[dict[str, Any]]:
    (dashboard,) = graph.of("cloudwatch.Dashboard").values()
    found: list[dict[str, Any]] = json.loads(dashboard.inputs["dashboardBody"])["widgets"]
    return found


def test_every_alarm_tells_the_topic_when_it_is_raised_and_when_it_is_over(
    graph: Graph, alarms: Mapping[str, Mapping[str, Any]]
) -> None:
    topic = graph.one("sns.Topic", "alarms").state["arn"]
    for alarm in alarms.values():
        assert (alarm["alarmActions"], alarm["okActions"]) == ([topic], [topic])
        assert alarm["treatMissingData"] == "notBreaching"
        assert alarm["comparisonOperator"] == "GreaterThanThreshold"


def test_every_alarm_says_in_a_sentence_what_happened(alarms: Mapping[str, Mapping[str, Any]]) -> None:
    said = [alarm["alarmDescription"] for alarm in alarms.values()]
    assert all(sentence.endswith(".") and len(sentence.split()) > 4 for sentence in said)
    assert not [sentence for sentence, times in Counter(said).items() if times > 1]


def test_no_two_alarms_have_one_name(alarms: Mapping[str, Mapping[str, Any]]) -> None:
    """The second would silently replace the first."""
    assert len({alarm["name"] for alarm in alarms.values()}) == len(alarms)


def test_an_alarm_watches_one_metric_or_an_expression_of_several_and_never_both(
    alarms: Mapping[str, Mapping[str, Any]],
) -> None:
    for alarm in alarms.values():
        assert ("metricName" in alarm) is not ("metricQueries" in alarm)
        assert ("statistic" in alarm) + ("extendedStatistic" in alarm) == ("metricName" in alarm)
        queries = alarm.get("metricQueries", [])
        assert sum(query["returnData"] for query in queries) == bool(queries)
        assert sum("metric" in query for query in queries) <= MOST_METRICS


def test_a_percentile_is_an_extended_statistic(alarms: Mapping[str, Mapping[str, Any]]) -> None:
    assert alarms["function-api-function-duration"]["extendedStatistic"] == "p99"
    assert alarms["queue-fulfilment-dead-letters"]["statistic"] == "Maximum"


def test_failures_are_watched_as_a_share_of_the_calls(alarms: Mapping[str, Mapping[str, Any]]) -> None:
    queries = {query["id"]: query for query in alarms["function-fulfil-function-errors"]["metricQueries"]}
    assert queries["result"]["expression"] == "IF(total > 0, 100 * (FILL(counted0, 0)) / total, 0)"
    assert queries["counted0"]["metric"]["metricName"] == "Errors"
    assert queries["total"]["metric"]["metricName"] == "Invocations"


def test_throttles_of_the_table_and_of_its_indexes_are_added_up(alarms: Mapping[str, Mapping[str, Any]]) -> None:
    queries = alarms["database-orders-database-throttles"]["metricQueries"]
    added = {
        (query["metric"]["metricName"], query["metric"]["dimensions"].get("GlobalSecondaryIndexName"))
        for query in queries
        if "metric" in query
    }
    assert added == {(f"{verb}ThrottleEvents", index) for verb in ("Read", "Write") for index in (None, "gsi1", "gsi2")}
    assert queries[0]["expression"] == " + ".join(f"FILL(counted{place}, 0)" for place in range(6))


def test_runs_that_fail_or_are_cut_off_or_held_up_are_watched(
    graph: Graph, alarms: Mapping[str, Mapping[str, Any]]
) -> None:
    state_machine = graph.one("sfn.StateMachine", "order").state["arn"]
    watched = {
        name.removeprefix("workflow-order-"): alarm["metricName"]
        for name, alarm in alarms.items()
        if alarm.get("dimensions") == {"StateMachineArn": state_machine}
    }
    assert watched == {
        "failed-sagas": "ExecutionsFailed",
        "stuck-sagas": "ExecutionsTimedOut",
        "aborted-sagas": "ExecutionsAborted",
        "throttled-sagas": "ExecutionThrottled",
    }


def test_what_is_not_undone_is_watched_where_it_is_counted(
    graph: Graph, alarms: Mapping[str, Mapping[str, Any]]
) -> None:
    """By the function that records how a saga ended, under the names that it counts by."""
    alarm = alarms["workflow-order-failed-compensations"]
    assert (alarm["namespace"], alarm["metricName"]) == (observed.NAMESPACE, observed.Metric.COMPENSATIONS_FAILED)
    assert alarm["dimensions"] == {"service": graph.one("lambda.Function", "order-tasks").inputs["name"]}


def test_a_relay_that_is_a_minute_behind_is_watched(graph: Graph, alarms: Mapping[str, Mapping[str, Any]]) -> None:
    alarm, relay = alarms["database-orders-feed-lag"], graph.one("lambda.Function", "relay").inputs["name"]
    assert (alarm["metricName"], alarm["statistic"], alarm["threshold"]) == ("IteratorAge", "Maximum", 60_000)
    assert alarm["dimensions"] == {"FunctionName": relay, "Resource": f"{relay}:live"}


def test_a_share_of_a_sum_is_worked_out_of_all_its_terms() -> None:
    metric = Metric(namespace="N", name="M", dimensions={})
    alarm = Alarm(
        about="a", contract="c", of="o", says="s", metric=metric, plus=(metric,), share_of=metric, threshold=1
    )
    assert expression_of(alarm) == "IF(total > 0, 100 * (FILL(counted0, 0) + FILL(counted1, 0)) / total, 0)"
    assert set(metrics_of(alarm)) == {"counted0", "counted1", "total"}


def test_an_alarm_can_in_fact_publish_to_the_encrypted_topic(graph: Graph) -> None:
    """With SNS's own key no alarm is ever delivered."""
    topic, key = graph.one("sns.Topic", "alarms"), graph.one("kms.Key", "orderly-topics")
    assert topic.inputs["kmsMasterKeyId"] == key.state["arn"]
    by_alarms = {"Service": "cloudwatch.amazonaws.com"}
    (use,) = [each for each in statements(key.inputs["policy"]) if each.get("Principal") == by_alarms]
    assert set(use["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}
    policy = graph.one("sns.TopicPolicy", "alarms").inputs
    (publish,) = [each for each in statements(policy["policy"]) if each["Principal"] == by_alarms]
    assert policy["arn"] == topic.state["arn"]
    assert (publish["Action"], publish["Resource"]) == (["sns:Publish"], [topic.state["arn"]])
    assert publish["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:*"},
    }


def test_nobody_publishes_to_it_in_plain_text(graph: Graph) -> None:
    (deny,) = [
        each for each in statements(graph.one("sns.TopicPolicy", "alarms").inputs["policy"]) if each["Effect"] == "Deny"
    ]
    assert (deny["Principal"], deny["Condition"]) == ("*", {"Bool": {"aws:SecureTransport": "false"}})


def test_whoever_is_named_is_told_by_mail(graph: Graph) -> None:
    mail = graph.one("sns.TopicSubscription", "alarms").inputs
    assert (mail["protocol"], mail["endpoint"]) == ("email", OPERATOR)
    assert mail["topic"] == graph.one("sns.Topic", "alarms").state["arn"]


def test_the_dashboard_shows_the_state_of_every_alarm(
    alarms: Mapping[str, Mapping[str, Any]], widgets: list[dict[str, Any]]
) -> None:
    states = [widget["properties"]["alarms"] for widget in widgets if widget["type"] == "alarm"]
    assert Counter(arn for shown in states for arn in shown) == Counter(alarm["arn"] for alarm in alarms.values())
    assert max(map(len, states)) <= 100


def test_the_dashboard_draws_what_every_alarm_watches_and_where_it_is_raised(
    alarms: Mapping[str, Mapping[str, Any]], widgets: list[dict[str, Any]]
) -> None:
    graphs = [widget["properties"] for widget in widgets if widget["type"] == "metric"]
    assert len(graphs) == len(alarms)
    thresholds = [properties["annotations"]["horizontal"][0]["value"] for properties in graphs]
    assert Counter(thresholds) == Counter(alarm["threshold"] for alarm in alarms.values())
    for properties in graphs:
        assert properties["region"] == "eu-central-1"
        assert len([line for line in properties["metrics"] if line[-1].get("visible", True)]) == 1


def test_no_widget_lies_on_another_or_outside_of_the_grid(widgets: list[dict[str, Any]]) -> None:
    cells = Counter(
        (x, y)
        for widget in widgets
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    )
    assert max(cells.values()) == 1
    assert max(x for x, _ in cells) < 24
    assert len(widgets) <= 500
