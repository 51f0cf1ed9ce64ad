"""What only Event Grid has: CloudEvents, an identity that delivers, dead letters in a container."""

from __future__ import annotations

import pytest

from components.event_bus import EventBus, EventBusArgs, Pattern
from components.function import Function
from components.queue import Queue
from components.topic import Topic, TopicArgs
from tests.azure.reading import settings
from tests.graph import Graph, Resource
from tests.unit.components.azure.access import May, may
from tests.unit.components.making import QUEUE, Make, function_args, made_alone


@pytest.fixture(scope="module")
def graph() -> Graph:
    """A bus with a rule to a queue, one to a topic, and a publisher."""

    def wire(make: Make) -> None:
        bus, queue = make(EventBus, "facts", EventBusArgs()), make(Queue, "parcels", QUEUE)
        make(Function, "pack", function_args(trigger=queue.deliveries(max_concurrency=2)))
        make(Function, "tell", function_args(bus.publisher()))
        bus.rule("large", where=Pattern(event_types=("order.placed",), total_minor_above=777), to=queue)
        bus.rule("all", where=Pattern(), to=make(Topic, "news", TopicArgs()))

    return made_alone("azure", wire)


@pytest.fixture
def large(graph: Graph) -> Resource:
    return graph.one("eventgrid.EventSubscription", "large")


def test_the_topic_speaks_cloud_events_and_has_no_key(graph: Graph) -> None:
    inputs = graph.one("eventgrid.Topic", "facts").inputs
    assert (inputs["inputSchema"], inputs["disableLocalAuth"]) == ("CloudEventSchemaV1_0", True)
    assert inputs["identity"] == {"type": "SystemAssigned"}


def test_a_subscription_speaks_as_its_topic_does(large: Resource) -> None:
    """By itself the SDK asks for Event Grid's own schema, which such a topic refuses."""
    assert large.inputs["eventDeliverySchema"] == "CloudEventSchemaV1_0"


def test_a_rule_compares_types_and_totals_itself(large: Resource) -> None:
    asked = large.inputs["filter"]
    assert asked["includedEventTypes"] == ["order.placed"]
    assert asked["advancedFilters"] == [{"operatorType": "NumberGreaterThan", "key": "data.total_minor", "value": 777}]


def test_a_rule_for_everything_asks_nothing(graph: Graph) -> None:
    asked = graph.one("eventgrid.EventSubscription", "all").inputs["filter"]
    assert not asked.keys() & {"includedEventTypes", "advancedFilters"}


@pytest.mark.parametrize(
    ("rule", "kind", "to"),
    [
        ("large", "ServiceBusQueue", ("servicebus.Queue", "parcels")),
        ("all", "ServiceBusTopic", ("servicebus.Topic", "news")),
    ],
)
def test_it_delivers_as_itself_with_what_filters_look_at(
    graph: Graph, rule: str, kind: str, to: tuple[str, str]
) -> None:
    delivery = graph.one("eventgrid.EventSubscription", rule).inputs["deliveryWithResourceIdentity"]
    assert delivery["identity"] == {"type": "SystemAssigned"}
    assert delivery["destination"] == {
        "endpointType": kind,
        "resourceId": graph.one(*to).id,
        "deliveryAttributeMappings": [{"type": "Dynamic", "name": "event_type", "sourceField": "type"}],
    }


def test_it_may_send_where_its_rules_lead_and_write_its_dead_letters_and_no_more(graph: Graph) -> None:
    assert may(graph, "Event Grid") == {
        May(role="SERVICE_BUS_SENDER", on="servicebus.Queue/parcels"),
        May(role="SERVICE_BUS_SENDER", on="servicebus.Topic/news"),
        May(role="BLOB_DATA_CONTRIBUTOR", on="storage.BlobContainer/facts-dead-letters"),
    }


def test_a_rule_is_not_made_before_it_may_deliver(graph: Graph, large: Resource) -> None:
    for name in ("facts-large-delivery", "facts-facts-dead-letters-delivery"):
        assert graph.comes_after(large, graph.one("authorization.RoleAssignment", name))


def test_what_cannot_be_delivered_for_a_day_is_kept_in_a_container(graph: Graph, large: Resource) -> None:
    assert large.inputs["retryPolicy"] == {"eventTimeToLiveInMinutes": 1440, "maxDeliveryAttempts": 30}
    assert large.inputs["deadLetterWithResourceIdentity"] == {
        "identity": {"type": "SystemAssigned"},
        "deadLetterDestination": {
            "endpointType": "StorageBlob",
            "resourceId": graph.one("storage.StorageAccount", "facts-bus").id,
            "blobContainerName": "dead-letters",
        },
    }


def test_dead_letters_go_after_14_days(graph: Graph) -> None:
    (rule,) = graph.one("storage.ManagementPolicy", "facts-dead-letters").inputs["policy"]["rules"]
    assert rule["definition"]["actions"] == {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 14}}}


def test_a_publisher_knows_the_address_and_may_publish_to_the_one_topic(graph: Graph) -> None:
    topic = graph.one("eventgrid.Topic", "facts")
    assert settings(graph.one("web.WebApp", "tell"))["ORDERLY_EVENT_BUS"] == topic.state["endpoint"]
    assert May(role="EVENT_GRID_SENDER", on="eventgrid.Topic/facts") in may(graph, "tell")
