"""The queue or the topic of Service Bus behind a component, as what feeds it sees it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_azure_native as azure

from components import queue, topic
from components.azure._dead_letters import DeadLetters
from components.errors import WiringError


@dataclass(frozen=True, kw_only=True)
class Inlet:
    queue: azure.servicebus.Queue
    dead_letters: DeadLetters


def inlet_of(fed: queue.Queue) -> Inlet:
    found = getattr(fed, "_inlet", None)
    if not isinstance(found, Inlet):
        raise WiringError(f"queue {fed.name} is not on Azure; make both from components.azure")
    return found


def topic_of(fed: topic.Topic) -> azure.servicebus.Topic:
    found = getattr(fed, "_topic", None)
    if not isinstance(found, azure.servicebus.Topic):
        raise WiringError(f"topic {fed.name} is not on Azure; make both from components.azure")
    return found
