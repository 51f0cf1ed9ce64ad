"""What Lambda gives a handler besides its event."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Invocation:
    """A functions.entrypoints.aws.observed.LambdaContext."""

    function_name: str = "orders-api"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:orders-api:live"
    aws_request_id: str = "5b0d5f4e-0000-4000-8000-000000000001"
