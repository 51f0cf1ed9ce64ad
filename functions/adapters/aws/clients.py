"""The clients of AWS, each made on first use and kept with its connections: a function pays for what it uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from botocore import exceptions as sdk
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from functions.domain.errors import RetryableError

AwsClient: TypeAlias = Any
"""botocore makes its clients' methods at run time, so there is no narrower type."""

CONFIG = Config(
    # Three attempts of one call, with their waits, fit into the 29 s that a request to the API has.
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=10,
    tcp_keepalive=True,
)

_BUSY = frozenset(
    {
        "ExecutionLimitExceeded",
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Errors of the caller's kind, by their status, that pass by themselves all the same."""


class AwsUnavailableError(RetryableError):
    """A service of AWS did not answer, or was too busy to, after the client's own attempts."""

    code = "aws-unavailable"


@contextmanager
def transient_faults(of: str) -> Iterator[None]:
    """Turn what passes by itself into AwsUnavailableError; anything else stays the ClientError that it is."""
    try:
        yield
    except ClientError as error:
        if _passes(error):
            raise AwsUnavailableError(f"{of} was too busy or had a fault: {error_code(error)}") from error
        raise
    except (sdk.ConnectionError, sdk.HTTPClientError) as error:
        raise AwsUnavailableError(f"{of} did not answer: {type(error).__name__}") from error


def error_code(error: ClientError) -> str:
    """The name under which AWS lists the error."""
    return error.response.get("Error", {}).get("Code", "")


def _passes(error: ClientError) -> bool:
    return error_code(error) in _BUSY or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500


@dataclass(frozen=True)
class Clients:
    """One session's clients. Region, credentials and address come from where the SDK always looks for them."""

    session: Session = field(default_factory=Session)

    @cached_property
    def dynamodb(self) -> AwsClient:
        return self._client("dynamodb")

    @cached_property
    def events(self) -> AwsClient:
        return self._client("events")

    @cached_property
    def s3(self) -> AwsClient:
        return self._client("s3")

    @cached_property
    def secretsmanager(self) -> AwsClient:
        return self._client("secretsmanager")

    @cached_property
    def sqs(self) -> AwsClient:
        return self._client("sqs")

    @cached_property
    def stepfunctions(self) -> AwsClient:
        return self._client("stepfunctions")

    @cached_property
    def sts(self) -> AwsClient:
        return self._client("sts")

    def _client(self, service: str) -> AwsClient:
        return self.session.create_client(service, config=CONFIG)
