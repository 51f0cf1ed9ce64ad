"""What has to be watched is said by the component that knows it."""

from __future__ import annotations

from typing import Any

import pytest

from components.behind import behind
from components.database import DatabaseArgs
from components.event_bus import EventBusArgs, Pattern
from components.foundation import FoundationArgs
from components.gcp._alarms import Alarm
from components.gcp._project import Project
from components.gcp.database import Database
from components.gcp.event_bus import EventBus
from components.gcp.foundation import Foundation
from components.gcp.function import Function
from components.gcp.queue import Queue
from tests.graph import Graph, config, record
from tests.unit.components.making import QUEUE, function_args

Watched = dict[tuple[str, str, str], Alarm]


@pytest.fixture(scope="module")
def made() -> tuple[Graph, Watched]:
    watched: Watched = {}

    def program() -> dict[str, Any]:
        foundation = Foundation("alone", args=FoundationArgs(config=config("gcp")))
        database = Database(
            "orders",
            args=DatabaseArgs(deletion_protection=False, point_in_time_recovery=False),
            foundation=foundation,
        )
        queue = Queue("parcels", args=QUEUE, foundation=foundation)
        Function("relay", args=function_args(trigger=database.changes()), foundation=foundation)
        Function("pack", args=function_args(trigger=queue.deliveries(max_concurrency=3)), foundation=foundation)
        EventBus("facts", args=EventBusArgs(), foundation=foundation).rule("all", where=Pattern(), to=queue)
        queue.finish()
        watched.update({(each.about, each.contract, each.of): each for each in behind(foundation, Project).alarms})
        (lag,) = (each for each in watched.values() if each.about == "feed-lag")
        return {"feed": lag.metric.labels["subscription_id"]}

    return record(program), watched


def test_each_thing_that_can_go_wrong_is_watched_once(made: tuple[Graph, Watched]) -> None:
    _, watched = made
    assert set(watched) == {
        ("dead-letters", "queue", "parcels"),
        ("queue-age-seconds", "queue", "parcels"),
        ("dead-letters", "database", "orders-feed"),
        ("feed-lag", "database", "orders"),
        *(
            (about, "function", name)
            for about in ("function-errors", "function-duration")
            for name in ("relay", "pack")
        ),
    }


def test_a_queue_is_behind_when_any_of_its_subscriptions_is(made: tuple[Graph, Watched]) -> None:
    graph, watched = made
    names = tuple(graph.one("pubsub.Subscription", name).inputs["name"] for name in ("parcels", "all"))
    alarm = watched["queue-age-seconds", "queue", "parcels"]
    assert alarm.metric.labels == {"subscription_id": names}
    assert (alarm.metric.reducer, alarm.threshold) == ("REDUCE_MAX", 300)


def test_the_first_dead_letter_is_told_of(made: tuple[Graph, Watched]) -> None:
    graph, watched = made
    held = graph.one("pubsub.Subscription", "parcels-dead-letters").inputs["name"]
    alarm = watched["dead-letters", "queue", "parcels"]
    assert (alarm.metric.labels, alarm.threshold) == ({"subscription_id": held}, 0)


def test_the_feed_is_behind_when_eventarcs_own_subscription_is(made: tuple[Graph, Watched]) -> None:
    graph, _ = made
    transport = graph.one("eventarc.Trigger", "orders").state["transport"]["pubsub"]
    assert transport["subscription"] == f"projects/orderly-test/subscriptions/{graph.outputs['feed']}"


def test_a_function_is_watched_by_the_name_of_its_service(made: tuple[Graph, Watched]) -> None:
    graph, watched = made
    service = graph.one("cloudfunctionsv2.Function", "pack").inputs["name"]
    errors, slow = (watched[about, "function", "pack"] for about in ("function-errors", "function-duration"))
    assert errors.metric.labels == slow.metric.labels == {"service_name": service}
    assert errors.metric.metric_labels == {"response_code_class": "5xx"}
    assert errors.share_of is not None
    assert (errors.share_of.type, errors.share_of.metric_labels) == (errors.metric.type, {})
    assert slow.threshold == 8_000  # Milliseconds; eight tenths of ten seconds.
