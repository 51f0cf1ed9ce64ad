"""Pub/Sub: the topics and subscriptions that were recorded, in pstest, and pushed with their pushers' tokens.

Dead letters are moved if Pub/Sub's own account may do so; else a message comes again for ever, as it does there. What
it leaves out, pstest and the bridge say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from google.pubsub_v1 import DeadLetterPolicy, PushConfig, RetryPolicy, Subscription

from tests.e2e.gcp.world.access import CONSUME, PUBLISH, Access
from tests.e2e.gcp.world.cloud_run import CloudRun
from tests.e2e.gcp.world.identity import UnknownAccountError
from tests.e2e.world.http import Asked
from tests.e2e.world.records import Record, Records
from tests.gcp.pubsub.bridge import PushBridge
from tests.gcp.pubsub.push import HEADERS, NO_ANSWER, Push
from tests.gcp.pubsub.server import Pstest

SERVICE = "pubsub.googleapis.com"


@dataclass(frozen=True)
class Pushing:
    """Who calls for each subscription, by its full name."""

    records: Records
    cloud_run: CloudRun

    def __call__(self, push: Push) -> int:
        token = self.records.one("pubsub.Subscription", id=push.subscription.name)["pushConfig"].get("oidcToken", {})
        asked = Asked(method="POST", headers=tuple(HEADERS.items()), body=push.body())
        account, audience = token.get("serviceAccountEmail", ""), token.get("audience", push.endpoint)
        patience = push.subscription.ack_deadline_seconds
        try:
            return self.cloud_run.call(
                push.endpoint, asked, account=account, audience=audience, patience=patience
            ).status
        except (UnknownAccountError, TimeoutError):
            return NO_ANSWER


@contextmanager
def pushing(
    records: Records, access: Access, pstest: Pstest, cloud_run: CloudRun, scale: float
) -> Iterator[PushBridge]:
    with PushBridge(pstest, scale, Pushing(records, cloud_run)) as bridge:
        for topic in records.of("pubsub.Topic"):
            pstest.publisher.create_topic(name=topic.id)
        for record in records.of("pubsub.Subscription"):
            subscription = _subscription(record, records, access)
            if record.get("pushConfig"):
                bridge.subscribe(subscription)
            else:
                pstest.subscriber.create_subscription(request=subscription)
        yield bridge


def _subscription(record: Record, records: Records, access: Access) -> Subscription:
    """pstest keeps what it is given until it is consumed: how long Pub/Sub does is not played."""
    optional: dict[str, Any] = {}
    if push := record.get("pushConfig"):
        optional["push_config"] = PushConfig(push_endpoint=push["pushEndpoint"])
    if retry := record.get("retryPolicy"):
        optional["retry_policy"] = RetryPolicy(
            minimum_backoff=_duration(retry["minimumBackoff"]), maximum_backoff=_duration(retry["maximumBackoff"])
        )
    dead = record.get("deadLetterPolicy")
    if dead and _moves_dead_letters(record, records, access):
        optional["dead_letter_policy"] = DeadLetterPolicy(
            dead_letter_topic=dead["deadLetterTopic"], max_delivery_attempts=dead["maxDeliveryAttempts"]
        )
    return Subscription(
        name=record.id,
        topic=record["topic"],
        filter=record.get("filter") or "",
        enable_message_ordering=record.get("enableMessageOrdering", False),
        ack_deadline_seconds=record.get("ackDeadlineSeconds", 10),
        **optional,
    )


def _moves_dead_letters(record: Record, records: Records, access: Access) -> bool:
    agent = str(records.one("projects.ServiceIdentity", service=SERVICE)["email"])
    topic = record["deadLetterPolicy"]["deadLetterTopic"]
    return access.allows(agent, PUBLISH, on=topic) and access.allows(agent, CONSUME, on=record.id)


def _duration(text: str) -> Mapping[str, int]:
    return {"seconds": int(text.removesuffix("s"))}
