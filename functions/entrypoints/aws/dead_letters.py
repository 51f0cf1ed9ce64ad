"""Puts what can never succeed where the queue puts what failed too often, without waiting for that.

A message that was put here has no source queue on record: who moves it back with SQS's redrive names the destination.
"""

from __future__ import annotations

import re

from functions.adapters.aws.clients import AwsClient
from functions.entrypoints.aws.application import ports
from functions.environment import Variable

MAX_REASON_CHARACTERS = 1000
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""What SQS refuses in a message's text."""


def to_dead_letters(body: str, reason: str) -> None:
    """Raises what SQS does: the message is then not done, and comes again."""
    put(ports().clients.sqs, ports().environment[Variable.DEAD_LETTERS], body, reason)


def put(client: AwsClient, queue_url: str, body: str, reason: str) -> None:
    told = _NOT_IN_XML.sub("?", reason[:MAX_REASON_CHARACTERS])
    client.send_message(
        QueueUrl=queue_url,
        MessageBody=body,
        MessageAttributes={"reason": {"DataType": "String", "StringValue": told}},
    )
