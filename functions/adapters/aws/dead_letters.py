"""A queue's dead letters in SQS, for what can never succeed: it need not be received in vain before it is there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from functions.adapters.aws.clients import AwsClient, transient_faults

MAX_REASON_CHARACTERS = 1000
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""What SQS refuses in a message's text."""


@dataclass(frozen=True)
class SqsDeadLetters:
    """A message that was put here has no source queue on record: SQS's redrive has to be told its destination."""

    client: AwsClient
    queue_url: str

    def put(self, body: str, reason: str) -> None:
        """The reason is the message's attribute `reason`, cut to MAX_REASON_CHARACTERS."""
        told = _NOT_IN_XML.sub("?", reason[:MAX_REASON_CHARACTERS])
        with transient_faults(of="SQS"):
            self.client.send_message(
                QueueUrl=self.queue_url,
                MessageBody=body,
                MessageAttributes={"reason": {"DataType": "String", "StringValue": told}},
            )
