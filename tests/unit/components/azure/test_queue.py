"""What only Service Bus queues have: locks, duplicates that are dropped, dead letters that are forwarded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from components.azure._deliveries import LONGEST_START, Deliveries, held, lease
from components.function import Function
from components.link import Variables
from components.platform_blocks import QueueConfig
from components.queue import Queue
from functions.adapters.azure.clients import TIMEOUT_SECONDS
from functions.adapters.http.client import Limits
from tests.azure.reading import settings
from tests.graph import Graph
from tests.unit.components.azure.access import May, may
from tests.unit.components.making import QUEUE, Make, function_args, made_alone

FEWEST_DELIVERIES: int = QueueConfig.model_json_schema()["properties"]["max_receive_count"]["minimum"]
"""That a stack file may ask for."""


@pytest.fixture(scope="module")
def graph() -> Graph:
    """A queue with a consumer and a sender."""

    def wire(make: Make) -> None:
        queue = make(Queue, "parcels", QUEUE)
        make(Function, "pack", function_args(trigger=queue.deliveries(max_concurrency=12)))
        make(Function, "order", function_args(queue.sender()))

    return made_alone("azure", wire)


def test_a_message_is_locked_as_long_as_it_is_to_be_hidden(graph: Graph) -> None:
    inputs = graph.one("servicebus.Queue", "parcels").inputs
    assert (inputs["lockDuration"], inputs["maxDeliveryCount"]) == ("PT30S", 5)


def test_five_minutes_are_written_so_that_service_bus_takes_them() -> None:
    def wire(make: Make) -> None:
        make(Queue, "parcels", replace(QUEUE, visibility_timeout=QUEUE.visibility_timeout * 10))

    assert made_alone("azure", wire).one("servicebus.Queue", "parcels").inputs["lockDuration"] == "PT300S"


def test_what_is_given_up_on_or_expires_is_forwarded_to_a_queue_that_holds_it_14_days(graph: Graph) -> None:
    queue, dead = (graph.one("servicebus.Queue", name).inputs for name in ("parcels", "parcels-dead-letters"))
    assert queue["forwardDeadLetteredMessagesTo"] == "parcels-dead-letters"
    assert (queue["defaultMessageTimeToLive"], queue["deadLetteringOnMessageExpiration"]) == ("P7D", True)
    assert (dead["defaultMessageTimeToLive"], dead["deadLetteringOnMessageExpiration"]) == ("P14D", False)


def test_a_queue_is_made_after_what_its_dead_letters_are_forwarded_to(graph: Graph) -> None:
    queue, dead = (graph.one("servicebus.Queue", name) for name in ("parcels", "parcels-dead-letters"))
    assert graph.comes_after(queue, dead)


def test_a_message_that_comes_twice_is_dropped_from_the_first_day(graph: Graph) -> None:
    """It can be asked for only when a queue is made."""
    inputs = graph.one("servicebus.Queue", "parcels").inputs
    assert inputs["requiresDuplicateDetection"] is True
    assert inputs["duplicateDetectionHistoryTimeWindow"] == "PT600S"


def test_a_consumer_receives_from_its_queue_and_sends_to_its_dead_letters(graph: Graph) -> None:
    granted = {each for each in may(graph, "pack") if "servicebus" in each.on}
    assert granted == {
        May(role="SERVICE_BUS_RECEIVER", on="servicebus.Queue/parcels"),
        May(role="SERVICE_BUS_SENDER", on="servicebus.Queue/parcels-dead-letters"),
    }


def test_a_sender_sends_and_receives_nothing(graph: Graph) -> None:
    granted = {each for each in may(graph, "order") if "servicebus" in each.on}
    assert granted == {May(role="SERVICE_BUS_SENDER", on="servicebus.Queue/parcels")}


def test_the_app_finds_its_queue_and_its_dead_letters_by_identity(graph: Graph) -> None:
    app = graph.one("web.WebApp", "pack")
    told, namespace = settings(app), graph.one("servicebus.Namespace", "alone").inputs["namespaceName"]
    identity = graph.one("managedidentity.UserAssignedIdentity", "pack").state["clientId"]
    assert told["ORDERLY_QUEUE"] == "parcels"
    assert told["ORDERLY_DEAD_LETTERS"] == f"https://{namespace}.servicebus.windows.net/parcels-dead-letters"
    assert told["SERVICE_BUS__fullyQualifiedNamespace"] == f"{namespace}.servicebus.windows.net"
    assert (told["SERVICE_BUS__credential"], told["SERVICE_BUS__clientId"]) == ("managedidentity", identity)


def test_a_consumer_is_not_made_before_it_may_receive(graph: Graph) -> None:
    app = graph.one("web.WebApp", "pack")
    for name in ("parcels-pack-receiver", "parcels-dead-letters-pack"):
        assert graph.comes_after(app, graph.one("authorization.RoleAssignment", name))


@pytest.mark.parametrize(
    ("at_once", "of_an_instance", "instances"),
    [(2, 2, 1), (10, 5, 2), (12, 6, 2), (16, 8, 2), (97, 1, 97), (100, 5, 20)],
)
def test_instances_together_work_on_exactly_as_many_messages(at_once: int, of_an_instance: int, instances: int) -> None:
    deliveries = Deliveries(attach=lambda _: None, at_once=at_once)
    assert (deliveries.of_an_instance, deliveries.instances) == (of_an_instance, instances)


def test_an_instance_has_a_thread_for_each_message_that_it_takes(graph: Graph) -> None:
    app = graph.one("web.WebApp", "pack")
    assert settings(app)["PYTHON_THREADPOOL_THREAD_COUNT"] == "6"
    assert settings(app)["AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls"] == "6"
    assert app.inputs["functionAppConfig"]["scaleAndConcurrency"]["maximumInstanceCount"] == 2


def test_a_message_that_failed_is_held_for_less_than_would_look_like_a_timeout(graph: Graph) -> None:
    assert settings(graph.one("web.WebApp", "pack"))["ORDERLY_HELD_SECONDS"] == "7"


@pytest.mark.parametrize("seconds", [1, 5, 20, 21, 30, 300])
def test_a_start_that_failed_late_in_the_first_delivery_can_be_tried_again_in_the_last(seconds: int) -> None:
    timeout = timedelta(seconds=seconds)
    between, kept = seconds_of(held(timeout)), seconds_of(lease(timeout))
    assert kept + seconds < (FEWEST_DELIVERIES - 1) * between


def seconds_of(told: Variables) -> float:
    (seconds,) = told.values()
    return float(str(seconds))


def test_the_next_delivery_of_the_usual_function_already_finds_the_lease_over() -> None:
    timeout = timedelta(seconds=30)
    between, kept = seconds_of(held(timeout)), seconds_of(lease(timeout))
    assert kept < between


def test_a_lease_is_longer_than_the_calls_of_a_start() -> None:
    connecting = Limits().connect_seconds
    assert LONGEST_START.total_seconds() > 2 * TIMEOUT_SECONDS + connecting


def test_the_namespace_has_topics_and_no_keys(graph: Graph) -> None:
    inputs = graph.one("servicebus.Namespace", "alone").inputs
    assert inputs["sku"] == {"name": "Standard", "tier": "Standard"}
    assert (inputs["disableLocalAuth"], inputs["minimumTlsVersion"]) == (True, "1.2")


def test_dead_letters_are_protected_where_data_is() -> None:
    def wire(make: Make) -> None:
        make(Queue, "parcels", QUEUE)

    graph = made_alone("azure", wire, stage="prod")
    assert graph.one("servicebus.Queue", "parcels-dead-letters").protect
    assert not graph.one("servicebus.Queue", "parcels").protect
