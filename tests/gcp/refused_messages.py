"""Messages that go nowhere: lost, held by nobody, or never matched by a filter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.gcp.landscape import Landscape
from tests.graph import Resource

PUBLISHED = frozenset({"event_type", "tenant", "tier", "total_minor", "currency"})
"""functions.codec.attributes; a test holds it to that."""
ATTRIBUTE = re.compile(r"attributes\s*[.:]\s*\"?([A-Za-z_][A-Za-z0-9_-]*)")


def dead_letters_held_by_nobody(land: Landscape) -> Iterator[str]:
    """A topic keeps nothing: without a subscription, what was given up on is gone."""
    held = {subscription.inputs["topic"] for subscription in land.of("pubsub.Subscription")}
    for subscription in land.of("pubsub.Subscription"):
        topic = subscription.inputs.get("deadLetterPolicy", {}).get("deadLetterTopic")
        if topic and not any(_same(topic, each) for each in held):
            yield f"{subscription.name}: nothing holds what goes to {topic}"


def dead_letters_in_a_circle(land: Landscape) -> Iterator[str]:
    for subscription in land.of("pubsub.Subscription"):
        topic = subscription.inputs.get("deadLetterPolicy", {}).get("deadLetterTopic")
        if topic and _same(topic, subscription.inputs["topic"]):
            yield f"{subscription.name} gives up on messages to the topic that they come from"


def push_without_dead_letters(land: Landscape) -> Iterator[str]:
    """Tried again for as long as messages are kept, and gone after that."""
    for subscription in land.of("pubsub.Subscription"):
        if subscription.inputs.get("pushConfig") and not subscription.inputs.get("deadLetterPolicy"):
            yield f"{subscription.name} pushes, and has nowhere for what is refused every time"


def push_that_hammers(land: Landscape) -> Iterator[str]:
    """Without a policy a message that was refused comes again at once."""
    for subscription in land.of("pubsub.Subscription"):
        if subscription.inputs.get("pushConfig") and not subscription.inputs.get("retryPolicy"):
            yield f"{subscription.name} has no retryPolicy: what is refused comes again at once"


def filter_of_what_nobody_publishes(land: Landscape) -> Iterator[str]:
    for subscription in land.of("pubsub.Subscription"):
        for name in ATTRIBUTE.findall(subscription.inputs.get("filter", "")):
            if name not in PUBLISHED:
                yield f"{subscription.name} filters by {name}, which no message has"


def push_in_plain_sight(land: Landscape) -> Iterator[str]:
    for subscription in land.of("pubsub.Subscription"):
        push = subscription.inputs.get("pushConfig")
        if push and not push.get("oidcToken", {}).get("serviceAccountEmail"):
            yield f"{subscription.name} pushes without a token, so whoever it calls would have to be open to everybody"


def dead_letters_gone_before_they_are_seen(land: Landscape) -> Iterator[str]:
    for subscription in _holding(land):
        kept = int(str(subscription.inputs.get("messageRetentionDuration", "604800s")).removesuffix("s"))
        if kept < 1_209_600:
            yield f"{subscription.name} keeps dead letters for {kept} s; promised are 14 days"


def _holding(land: Landscape) -> Iterator[Resource]:
    dead = {each.inputs.get("deadLetterPolicy", {}).get("deadLetterTopic") for each in land.of("pubsub.Subscription")}
    for subscription in land.of("pubsub.Subscription"):
        if any(topic and _same(topic, subscription.inputs["topic"]) for topic in dead):
            yield subscription


def _same(one: str, other: str) -> bool:
    """A topic is named by its name or its full name."""
    return one.rpartition("/")[2] == other.rpartition("/")[2]


RULES = (
    dead_letters_held_by_nobody,
    dead_letters_in_a_circle,
    push_without_dead_letters,
    push_that_hammers,
    filter_of_what_nobody_publishes,
    push_in_plain_sight,
    dead_letters_gone_before_they_are_seen,
)
