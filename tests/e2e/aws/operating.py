"""What whoever operates the system sees of it and does to it, with the account's own credentials."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from components.naming import RULES, physical_name
from functions.adapters.aws.keys import Item
from functions.domain.events import Json
from tests.aws.outputs import ACCOUNT, REGION
from tests.e2e.aws.system import AwsSystem
from tests.engine.systems import STACK

Message = Mapping[str, Any]


def name(kind: str, component: str) -> str:
    """Of a thing of this kind, as the components name it."""
    return physical_name(RULES["aws", kind], project="orderly", stack=STACK, name=component)


@dataclass(frozen=True)
class Queue:
    """A queue and its dead letters, by the name of the component."""

    client: Any
    component: str

    @cached_property
    def url(self) -> str:
        return self._url(self.component)

    @cached_property
    def dead_letters_url(self) -> str:
        return self._url(f"{self.component}-dead-letters")

    def send(self, body: str) -> str:
        """Gives the message's id."""
        return str(self.client.send_message(QueueUrl=self.url, MessageBody=body)["MessageId"])

    def hide_for(self, seconds: int) -> None:
        """How long a message is hidden from others, once it was received."""
        self.client.set_queue_attributes(QueueUrl=self.url, Attributes={"VisibilityTimeout": str(seconds)})

    def is_empty(self) -> bool:
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=counts)["Attributes"]
        return all(found[count] == "0" for count in counts)

    def size(self) -> int:
        """How many messages wait for a consumer."""
        count = "ApproximateNumberOfMessages"
        found = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=[count])
        return int(found["Attributes"][count])

    def waiting(self) -> list[Json]:
        """Up to ten bodies. Each look counts as a delivery of the message."""
        return [json.loads(message["Body"]) for message in self._seen(self.url)]

    def dead(self) -> list[Message]:
        """Up to ten of the dead letters, which stay there."""
        return self._seen(self.dead_letters_url)

    def _seen(self, url: str) -> list[Message]:
        answer = self.client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=0,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def redrive(self) -> None:
        """As SQS's own StartMessageMoveTask does, which ministack does not have."""
        for message in self.dead():
            self.send(message["Body"])
            self.client.delete_message(QueueUrl=self.dead_letters_url, ReceiptHandle=message["ReceiptHandle"])

    def _url(self, component: str) -> str:
        return str(self.client.get_queue_url(QueueName=name("queue", component))["QueueUrl"])


@dataclass(frozen=True)
class Operator:
    system: AwsSystem

    def client(self, service: str) -> Any:  # noqa: ANN401 -- botocore makes clients at run time
        return self.system.clients(service)

    def queue(self, component: str) -> Queue:
        return Queue(self.client("sqs"), component)

    def item(self, key: Item) -> Item | None:
        found: Item | None = self.client("dynamodb").get_item(TableName=name("database", "orders"), Key=key).get("Item")
        return found

    def put(self, item: Item) -> None:
        """Past every function, straight into the table."""
        self.client("dynamodb").put_item(TableName=name("database", "orders"), Item=item)

    def archived(self) -> dict[str, Json]:
        """Each event of the archive, by its key."""
        s3, bucket = self.client("s3"), name("bucket", f"event-archive-{ACCOUNT}")
        keys = [
            each["Key"] for page in _pages(s3, "list_objects_v2", Bucket=bucket) for each in page.get("Contents", [])
        ]
        return {key: json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys}

    def log(self, function: str) -> list[Mapping[str, Any]]:
        """The lines that the function itself wrote."""
        return [line for line in self.lines(f"/aws/lambda/{name('function', function)}") if "message" in line]

    def lines(self, log_group: str) -> list[Mapping[str, Any]]:
        return [json.loads(line) for line in self.written(log_group) if line.startswith("{")]

    def written(self, log_group: str) -> list[str]:
        """Every line, the platform's own ones too."""
        pages = _pages(self.client("logs"), "filter_log_events", logGroupName=log_group)
        return [each["message"] for page in pages for each in page["events"]]

    def runs(self, order_id: str) -> list[str]:
        """How each run of the saga that has this id stands."""
        return [run["status"] for run in self._executions(order_id)]

    def _executions(self, order_id: str) -> list[Mapping[str, Any]]:
        states = self.client("stepfunctions")
        machine = states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
        pages = _pages(states, "list_executions", stateMachineArn=machine)
        return [each for page in pages for each in page["executions"] if each["name"] == order_id]

    @contextmanager
    def paused(self, component: str) -> Iterator[Queue]:
        """Meanwhile nothing consumes the queue."""
        functions, queue = self.client("lambda"), self.queue(component)
        source = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name('queue', component)}"
        (mapping,) = functions.list_event_source_mappings(EventSourceArn=source)["EventSourceMappings"]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield queue
        finally:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    @contextmanager
    def denied(self, function: str, action: str) -> Iterator[None]:
        """Meanwhile IAM refuses this to the function."""
        iam, role = self.client("iam"), name("role", function)
        refusal = {"Effect": "Deny", "Action": action, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [refusal]})
        iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=document)
        try:
            yield
        finally:
            iam.delete_role_policy(RoleName=role, PolicyName="denied")


def _pages(client: Any, operation: str, **arguments: object) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 -- as above
    yield from client.get_paginator(operation).paginate(**arguments)
