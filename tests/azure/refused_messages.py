"""Events and messages that are refused, lost, or delivered to whom they are not for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from components.azure._roles import Role
from tests.azure.landscape import Landscape, settings
from tests.azure.limits import length_of
from tests.graph import Resource

SCHEMA = "CloudEventSchemaV1_0"
MOST_FILTERS = 25
KEPT = timedelta(days=14)
TIMEOUT = "AzureFunctionsJobHost__functionTimeout"
PROPERTY = re.compile(r"([A-Za-z_]\w*)\s*(?:=|<>|!=|<=|>=|<|>|IN\b|LIKE\b|IS\b)", re.I)


def schema_of_another_kind(land: Landscape) -> Iterator[str]:
    """By default the SDK asks for Event Grid's own, and a topic of CloudEvents refuses such a subscription."""
    for topic in land.of("eventgrid.Topic"):
        if topic.inputs.get("inputSchema") != SCHEMA:
            yield f"{topic.name} takes {topic.inputs.get('inputSchema')}; published are CloudEvents"
    for subscription in land.of("eventgrid.EventSubscription"):
        if subscription.inputs.get("eventDeliverySchema") != SCHEMA:
            yield f"{subscription.name} delivers {subscription.inputs.get('eventDeliverySchema')}, not {SCHEMA}"


def delivery_as_nobody(land: Landscape) -> Iterator[str]:
    """Without an identity it uses keys, which are off."""
    for subscription in land.of("eventgrid.EventSubscription"):
        for name in sorted({"destination", "deadLetterDestination"} & subscription.inputs.keys()):
            yield f"{subscription.name} has a {name} without an identity"
        if "deliveryWithResourceIdentity" not in subscription.inputs:
            yield f"{subscription.name} delivers as nobody"


def delivery_not_let_in(land: Landscape) -> Iterator[str]:
    """Event Grid tries at once whether it may."""
    for subscription in land.of("eventgrid.EventSubscription"):
        topic = land.at(subscription.inputs["scope"])
        to = _destination(subscription).get("resourceId")
        if topic is None or land.at(to) is None:
            yield f"{subscription.name} is between things that are not here"
            continue
        principal = topic.state["identity"]["principalId"]
        if not land.waits_for(subscription, Role.SERVICE_BUS_SENDER, on=to, to=principal):
            yield f"{subscription.name}: {topic.name} may not send to {to} yet"
        container = _dead_letters(land, subscription)
        if container and not land.waits_for(subscription, Role.BLOB_DATA_CONTRIBUTOR, on=container.id, to=principal):
            yield f"{subscription.name}: {topic.name} may not write its dead letters yet"


def events_given_up_for_good(land: Landscape) -> Iterator[str]:
    for subscription in land.of("eventgrid.EventSubscription"):
        if _dead_letters(land, subscription) is None:
            yield f"{subscription.name} has nowhere for what cannot be delivered"


def filters_that_are_too_many(land: Landscape) -> Iterator[str]:
    for subscription in land.of("eventgrid.EventSubscription"):
        filters = subscription.inputs.get("filter", {}).get("advancedFilters", ())
        if sum(max(1, len(each.get("values", ()))) for each in filters) > MOST_FILTERS:
            yield f"{subscription.name} has more filters or values than the {MOST_FILTERS} that there can be"


def filter_beside_the_one_that_takes_all(land: Landscape) -> Iterator[str]:
    """A subscription is made with a rule that everything passes; another rule does not take that away."""
    for rule in land.of("servicebus.Rule"):
        yield f"{rule.name} is beside $Default, which everything passes; there is a DefaultRule for it"
    ruled = {_subscribed(rule) for rule in land.of("servicebus.DefaultRule")}
    for subscription in land.of("servicebus.Subscription"):
        if _subscribed(subscription) not in ruled:
            yield f"{subscription.name} gets everything: nothing says what $Default lets pass"


def filter_of_what_nobody_sends(land: Landscape) -> Iterator[str]:
    """A filter sees the properties of a message and never what is in it."""
    sent = {
        mapping["name"]
        for subscription in land.of("eventgrid.EventSubscription")
        for mapping in _destination(subscription).get("deliveryAttributeMappings", ())
    }
    for rule in land.of("servicebus.DefaultRule"):
        without_texts = re.sub("'[^']*'", "''", rule.inputs.get("sqlFilter", {}).get("sqlExpression", ""))
        for name in PROPERTY.findall(without_texts):
            if name not in sent:
                yield f"{rule.name} filters by {name}, which no message has"


def forwarded_to_what_is_not_here(land: Landscape) -> Iterator[str]:
    """Service Bus refuses to forward to a queue that is made later."""
    for source in land.of("servicebus.Queue", "servicebus.Subscription"):
        for name in ("forwardTo", "forwardDeadLetteredMessagesTo"):
            to = source.inputs.get(name)
            queue = land.named("servicebus.Queue", "queueName", to)
            if to is not None and (queue is None or not land.graph.comes_after(source, queue)):
                yield f"{source.name} does not wait for {to}, where it forwards to"


def dead_letters_left_where_nobody_looks(land: Landscape) -> Iterator[str]:
    """What is consumed and given up on is watched in a queue of its own."""
    for queue in _consumed(land):
        to = queue.inputs.get("forwardDeadLetteredMessagesTo")
        if to in (None, queue.inputs["queueName"]):
            yield f"{queue.name} keeps what was given up on to itself"


def dead_letters_gone_before_they_are_seen(land: Landscape) -> Iterator[str]:
    for name in {queue.inputs.get("forwardDeadLetteredMessagesTo") for queue in _consumed(land)} - {None}:
        queue = land.named("servicebus.Queue", "queueName", name)
        kept = length_of(queue.inputs.get("defaultMessageTimeToLive", "P10000D")) if queue else None
        if kept is not None and kept < KEPT:
            yield f"{name} keeps dead letters for {kept}; promised are 14 days"


def message_that_is_taken_twice(land: Landscape) -> Iterator[str]:
    """Duplicates are told apart where they are sent to; to turn that on later takes another queue."""
    for found in (*_consumed(land), *land.of("servicebus.Topic")):
        if found.inputs.get("requiresDuplicateDetection") is not True:
            yield f"{found.kind} {found.name} does not see that it has a message already"


def topics_of_a_tier_without_them(land: Landscape) -> Iterator[str]:
    namespaces = {each.inputs["namespaceName"]: each for each in land.of("servicebus.Namespace")}
    for topic in land.of("servicebus.Topic"):
        namespace = namespaces.get(topic.inputs["namespaceName"])
        if namespace is None or namespace.inputs["sku"]["name"] not in ("Standard", "Premium"):
            yield f"{topic.name} needs a namespace of the tier Standard"


def call_longer_than_the_lock(land: Landscape) -> Iterator[str]:
    """The message comes again while it is still being worked on."""
    for app in land.of("web.WebApp"):
        queue = land.named("servicebus.Queue", "queueName", settings(app).get("ORDERLY_QUEUE"))
        if queue is None or "ORDERLY_DEAD_LETTERS" not in settings(app):
            continue
        hours, minutes, rest = (int(part) for part in settings(app)[TIMEOUT].split(":"))
        takes = timedelta(hours=hours, minutes=minutes, seconds=rest)
        locked = length_of(queue.inputs.get("lockDuration", "PT1M"))
        if locked is None or takes > locked:
            yield f"{app.name} may take {takes}; {queue.name} locks a message for {locked}"


def _consumed(land: Landscape) -> Iterator[Resource]:
    given_up = {each.inputs.get("forwardDeadLetteredMessagesTo") for each in land.of("servicebus.Queue")}
    for queue in land.of("servicebus.Queue"):
        is_for_dead_letters = queue.inputs["queueName"] in given_up or queue.name.endswith("-dead-letters")
        if not is_for_dead_letters or queue.inputs.get("forwardDeadLetteredMessagesTo"):
            yield queue


def _destination(subscription: Resource) -> Mapping[str, Any]:
    found: Mapping[str, Any] = subscription.inputs.get("deliveryWithResourceIdentity", {}).get("destination", {})
    return found


def _dead_letters(land: Landscape, subscription: Resource) -> Resource | None:
    asked = subscription.inputs.get("deadLetterWithResourceIdentity", {}).get("deadLetterDestination", {})
    account, container = asked.get("resourceId"), asked.get("blobContainerName")
    return land.at(f"{account}/blobServices/default/containers/{container}")


def _subscribed(found: Resource) -> tuple[str, str]:
    return found.inputs["topicName"], found.inputs["subscriptionName"]


RULES = (
    schema_of_another_kind,
    delivery_as_nobody,
    delivery_not_let_in,
    events_given_up_for_good,
    filters_that_are_too_many,
    filter_beside_the_one_that_takes_all,
    filter_of_what_nobody_sends,
    forwarded_to_what_is_not_here,
    dead_letters_left_where_nobody_looks,
    dead_letters_gone_before_they_are_seen,
    message_that_is_taken_twice,
    topics_of_a_tier_without_them,
    call_longer_than_the_lock,
)
