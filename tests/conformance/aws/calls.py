"""The calls of a client: what was asked of AWS, or what AWS is to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.stub import Stubber

from functions.adapters.aws.clients import AwsClient, Clients
from functions.adapters.aws.ports import AwsPorts
from functions.adapters.aws.table import Table
from tests.conformance.aws_target import AwsTarget
from tests.ministack import LoopbackSession

NOWHERE = "127.0.0.1:1"


@dataclass(frozen=True)
class Call:
    operation: str
    request: dict[str, Any]


def recorded(aws: AwsTarget) -> tuple[AwsPorts, list[Call]]:
    """The target's ports over clients of their own, and every call that these make."""
    calls: list[Call] = []
    session = LoopbackSession(aws.cloud.address)

    def record(**event: Any) -> None:  # noqa: ANN401 -- botocore's
        calls.append(Call(event["model"].name, event["params"]))

    session.register("provide-client-params", record)
    return AwsPorts(aws.environment, Clients(session)), calls


def scripted(service: str) -> tuple[AwsClient, Stubber]:
    """A client that answers as the stubber is told, and reaches nothing."""
    client = LoopbackSession(NOWHERE).create_client(service)
    stubber = Stubber(client)
    stubber.activate()
    return client, stubber


def scripted_table() -> tuple[Table, Stubber, list[float]]:
    """A table whose waits are noted instead of waited."""
    client, stubber = scripted("dynamodb")
    waits: list[float] = []
    return Table(client, "orders", pause=waits.append), stubber, waits


def cancelled(stubber: Stubber, *codes: str) -> None:
    """A transaction is cancelled, with a code for each of its writes."""
    stubber.add_client_error(
        "transact_write_items",
        service_error_code="TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
    )
