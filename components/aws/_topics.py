"""What others need of a topic of SNS: its ARN."""

from __future__ import annotations

import pulumi

from components import topic
from components.errors import WiringError


def topic_arn(published_to: topic.Topic) -> pulumi.Output[str]:
    found = getattr(published_to, "_arn", None)
    if not isinstance(found, pulumi.Output):
        raise WiringError(f"topic {published_to.name} is not on AWS; make both from components.aws")
    return found
