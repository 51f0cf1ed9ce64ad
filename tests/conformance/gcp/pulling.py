"""A topic with a subscription that holds what was published to it, and a look at what it holds."""

from __future__ import annotations

from uuid import uuid4

from google.pubsub_v1 import PubsubMessage, Subscription

from tests.gcp.pubsub.server import Pstest

PROJECT = "orderly-test"


def topic_held_by(pubsub: Pstest, name: str) -> tuple[str, str]:
    """The full names of a new topic and of its holding subscription."""
    unique = f"{name}-{uuid4().hex}"
    topic, subscription = f"projects/{PROJECT}/topics/{unique}", f"projects/{PROJECT}/subscriptions/{unique}"
    pubsub.publisher.create_topic(name=topic)
    pubsub.subscriber.create_subscription(request=Subscription(name=subscription, topic=topic))
    return topic, subscription


def held(pubsub: Pstest, subscription: str) -> list[PubsubMessage]:
    """Waits for half a second when there is nothing, as a pull does."""
    received = pubsub.subscriber.pull(subscription=subscription, max_messages=100).received_messages
    return [each.message for each in received]
