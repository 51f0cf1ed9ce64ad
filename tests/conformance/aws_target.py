"""The AWS adapters on ministack, which has its own DynamoDB, streams, EventBridge, SQS, S3 and Step Functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from components.database import Database, DatabaseArgs
from functions.adapters.aws.keys import Item, item_key
from functions.adapters.aws.ports import AwsPorts
from functions.codec import decode_event
from functions.domain.events import Json
from functions.environment import Environment, Variable
from tests.conformance.worlds import HIGH_VALUE_MINOR, INITIAL_UNITS, Published
from tests.e2e.aws.cloud.making import Making
from tests.e2e.aws.cloud.storage import MAKERS
from tests.engine.simulated.cloud import Asked
from tests.graph import Resource
from tests.ministack import ACCOUNT, REGION, Ministack
from tests.unit.components.making import Make, made_alone

PASS_THROUGH = {"StartAt": "End", "States": {"End": {"Type": "Pass", "End": True}}}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders"
EVERYTHING = {"source": ["orderly"]}
HIGH_VALUE = {"source": ["orderly"], "detail": {"total_minor": [{"numeric": [">", HIGH_VALUE_MINOR]}]}}


def create_table(cloud: Ministack, name: str) -> None:
    """The one that components/aws declares, made as a deployment on ministack makes it."""
    table = declared_table()
    inputs, provider = {**table.inputs, "name": name}, {"region": REGION}
    asked = Asked(type=table.type, name=name, inputs=inputs, provider=provider, files={})
    MAKERS[table.type](Making(asked, lambda _: cloud.clients.dynamodb))


@cache
def declared_table() -> Resource:
    def wire(make: Make) -> None:
        make(Database, "orders", DatabaseArgs(deletion_protection=False, point_in_time_recovery=False))

    return made_alone("aws", wire).one("dynamodb.Table", "orders")


@dataclass(frozen=True)
class AwsTarget(AwsPorts):
    """The ports that a function gets, and the resources that they end up in, all of one test's own."""

    cloud: Ministack = field(kw_only=True)
    name: str = field(kw_only=True)
    secrets_are_mounted = False

    def feed(self) -> list[str]:
        """As the relay's event source reads it: what is inserted, of the kind `event`."""
        streams = self.cloud.streams
        arn = streams.list_streams(TableName=self.name)["Streams"][0]["StreamArn"]
        shards = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        return [
            decode_event(record["dynamodb"]["NewImage"]["body"]["S"].encode()).id
            for shard in shards
            for record in self._records(arn, shard["ShardId"])
            if record["eventName"] == "INSERT" and record["dynamodb"]["NewImage"]["kind"]["S"] == "event"
        ]

    def left(self, sku: str) -> int:
        stock = self.cloud.clients.dynamodb.get_item(TableName=self.name, Key=item_key("stock", sku)).get("Item")
        return int(stock["available"]["N"]) if stock else INITIAL_UNITS

    def inbox(self) -> list[tuple[str, str, str]]:
        messages = sorted(self.items("message"), key=lambda item: str(item["pk"]["S"]))
        return [(each["tenant"]["S"], each["order_id"]["S"], each["subject"]["S"]) for each in messages]

    def ordered(self) -> dict[str, int]:
        return {item["pk"]["S"].removeprefix("DEMAND#"): int(item["units"]["N"]) for item in self.items("demand")}

    def runs(self) -> list[tuple[str, Mapping[str, Json]]]:
        states, machine = self.cloud.clients.stepfunctions, self.environment[Variable.WORKFLOW]
        return [
            (run["name"], json.loads(states.describe_execution(executionArn=run["executionArn"])["input"]))
            for run in states.list_executions(stateMachineArn=machine)["executions"]
        ]

    def published(self) -> list[Published]:
        """The body as a queue gets it, and the event that rules match on, beside each other."""
        return [
            Published(id=decode_event(body).id, body=body, attributes=_matched_on(json.loads(event)))
            for body, event in zip(self.delivered("details"), self.delivered("events"), strict=True)
        ]

    def high_values(self) -> list[str]:
        return [decode_event(body).id for body in self.delivered("high-values")]

    def put_secret(self, name: str, value: str) -> None:
        secrets = self.cloud.clients.secretsmanager
        try:
            secrets.create_secret(Name=name, SecretString=value)
        except ClientError:
            secrets.put_secret_value(SecretId=name, SecretString=value)

    def archived(self) -> dict[str, bytes]:
        s3 = self.cloud.clients.s3
        keys = [found["Key"] for found in s3.list_objects_v2(Bucket=self.name).get("Contents", [])]
        return {key: s3.get_object(Bucket=self.name, Key=key)["Body"].read() for key in keys}

    def items(self, kind: str) -> list[Item]:
        pages = self.cloud.clients.dynamodb.get_paginator("scan").paginate(TableName=self.name)
        return [item for page in pages for item in page["Items"] if item["kind"]["S"] == kind]

    def delivered(self, queue: str) -> list[bytes]:
        """What the queue has got so far, in order."""
        sqs, url, got = self.cloud.clients.sqs, self._queues[queue], self._delivered[queue]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                got.append(message["Body"].encode())
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return got

    @cached_property
    def _delivered(self) -> dict[str, list[bytes]]:
        return {queue: [] for queue in self._queues}

    @cached_property
    def _queues(self) -> dict[str, str]:
        sqs = self.cloud.clients.sqs
        return {
            queue: sqs.get_queue_url(QueueName=f"{self.name}-{queue}")["QueueUrl"]
            for queue in ("details", "events", "high-values")
        }

    def _records(self, stream: str, shard: str) -> Iterator[dict[str, Any]]:
        iterator = self.cloud.streams.get_shard_iterator(
            StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            answer = self.cloud.streams.get_records(ShardIterator=iterator)
            if not answer["Records"]:
                return
            yield from answer["Records"]
            iterator = answer.get("NextShardIterator")


def _matched_on(event: Any) -> dict[str, str | int]:  # noqa: ANN401 -- an event as EventBridge has it
    detail = event["detail"]
    return {
        "event_type": event["detail-type"],
        "tenant": detail["tenant"],
        "total_minor": detail["total_minor"],
        "currency": detail["currency"],
    }


@contextmanager
def open_aws(cloud: Ministack) -> Iterator[AwsTarget]:
    """Everything has a name of its own, so tests see nothing of each other; the secrets' names are what tests say."""
    name = f"orders-{uuid4().hex}"
    create_table(cloud, name)
    _create_bus(cloud, name)
    cloud.clients.s3.create_bucket(Bucket=name)
    variables: dict[str, str] = {
        Variable.DATABASE: name,
        Variable.EVENT_BUS: name,
        Variable.BUCKET: name,
        Variable.WORKFLOW: create_state_machine(cloud, name, "STANDARD"),
        Variable.WORKFLOW_KIND: "standard",
        Variable.SANDBOX_STOCK: str(INITIAL_UNITS),
    }
    try:
        yield AwsTarget(Environment(variables), cloud.clients, cloud=cloud, name=name)
    finally:
        for secret in cloud.clients.secretsmanager.list_secrets()["SecretList"]:
            cloud.clients.secretsmanager.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)


def create_state_machine(cloud: Ministack, name: str, kind: str) -> str:
    """One that does nothing with its input; gives its ARN."""
    machine = cloud.clients.stepfunctions.create_state_machine(
        name=name, definition=json.dumps(PASS_THROUGH), roleArn=ROLE, type=kind
    )
    return str(machine["stateMachineArn"])


def _create_bus(cloud: Ministack, name: str) -> None:
    """Three rules: details as queues get them, whole events, and what the operators are told of."""
    cloud.clients.events.create_event_bus(Name=name)
    for queue, pattern, target in (
        ("details", EVERYTHING, {"InputPath": "$.detail"}),
        ("events", EVERYTHING, {}),
        ("high-values", HIGH_VALUE, {"InputPath": "$.detail"}),
    ):
        cloud.clients.sqs.create_queue(QueueName=f"{name}-{queue}")
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}-{queue}"
        cloud.clients.events.put_rule(Name=queue, EventBusName=name, EventPattern=json.dumps(pattern))
        cloud.clients.events.put_targets(Rule=queue, EventBusName=name, Targets=[{"Id": queue, "Arn": arn, **target}])
