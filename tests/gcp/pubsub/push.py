"""One try to push a message: what is posted, what its answer means, and what comes after it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from google.pubsub_v1 import PubsubMessage, Subscription

ACKNOWLEDGED = (102, 200, 201, 202, 204)
"""cloud.google.com/pubsub/docs/push#receive_push"""
HEADERS: Mapping[str, str] = {
    "Content-Type": "application/json",
    "User-Agent": "APIs-Google; (+https://developers.google.com)",
}
NO_ANSWER = 0
DEAD_LETTER_SOURCE = "CloudPubSubDeadLetterSource"
"""What the attributes begin with that Pub/Sub adds to a dead letter."""


@dataclass(frozen=True)
class Push:
    subscription: Subscription
    message: PubsubMessage
    attempt: int

    @property
    def endpoint(self) -> str:
        return str(self.subscription.push_config.push_endpoint)

    @property
    def is_last(self) -> bool:
        policy = self.subscription.dead_letter_policy
        return bool(policy.dead_letter_topic) and self.attempt >= policy.max_delivery_attempts

    @property
    def wait_seconds(self) -> float:
        """Before the next try; none without a retry policy."""
        policy = self.subscription.retry_policy
        first, longest = _seconds(policy.minimum_backoff), _seconds(policy.maximum_backoff)
        return min(first * 2.0 ** (self.attempt - 1), longest)

    @property
    def size(self) -> int:
        """In bytes: of the data, the attributes and the ordering key."""
        texts = [self.message.ordering_key, *self.message.attributes.keys(), *self.message.attributes.values()]
        return len(self.message.data) + sum(len(text.encode()) for text in texts)

    def body(self) -> bytes:
        """Pub/Sub writes some names in both ways, leaves out what is empty, and has a count with dead letters only."""
        published = _written(self.message.publish_time)
        message: dict[str, Any] = {
            "messageId": self.message.message_id,
            "message_id": self.message.message_id,
            "publishTime": published,
            "publish_time": published,
        }
        if self.message.data:
            message["data"] = base64.b64encode(self.message.data).decode()
        if self.message.attributes:
            message["attributes"] = dict(self.message.attributes)
        if self.message.ordering_key:
            message["orderingKey"] = self.message.ordering_key
        counted = {"deliveryAttempt": self.attempt} if self.subscription.dead_letter_policy.dead_letter_topic else {}
        return json.dumps({"message": message, "subscription": self.subscription.name, **counted}).encode()

    def dead_letter(self) -> PubsubMessage:
        project, _, name = self.subscription.name.removeprefix("projects/").partition("/subscriptions/")
        return PubsubMessage(
            data=self.message.data,
            ordering_key=self.message.ordering_key,
            attributes={
                **self.message.attributes,
                f"{DEAD_LETTER_SOURCE}DeliveryCount": str(self.attempt),
                f"{DEAD_LETTER_SOURCE}Subscription": name,
                f"{DEAD_LETTER_SOURCE}SubscriptionProject": project,
                f"{DEAD_LETTER_SOURCE}TopicPublishTime": _written(self.message.publish_time),
            },
        )


def posted(push: Push) -> int:
    """The status of the answer, NO_ANSWER for none; the ack deadline is how long it is waited for."""
    endpoint = urlsplit(push.endpoint)
    try:
        with closing(HTTPConnection(endpoint.netloc, timeout=push.subscription.ack_deadline_seconds)) as connection:
            connection.request("POST", endpoint.path or "/", push.body(), dict(HEADERS))
            return connection.getresponse().status
    except (OSError, HTTPException):
        return NO_ANSWER


def _seconds(duration: Any) -> float:  # noqa: ANN401 -- proto-plus reads a Duration as a timedelta, and none as None
    return float(duration.total_seconds()) if duration else 0.0


def _written(moment: Any) -> str:  # noqa: ANN401 -- and a Timestamp as a datetime with nanoseconds
    return str(moment.rfc3339())
