"""The queue or the topic of Service Bus behind a component, as what feeds it sees it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_azure_native as azure

from components.azure._dead_letters import DeadLetters


@dataclass(frozen=True, kw_only=True)
class Inlet:
    queue: azure.servicebus.Queue
    dead_letters: DeadLetters
