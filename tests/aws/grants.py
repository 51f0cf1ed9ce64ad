"""What a role of AWS may do, in the words of tests/reading.py: each permission is a grant, or goes with one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.aws.lookup import by_arn, of_arn, owner, where
from tests.graph import Graph

READ_ITEMS = frozenset({"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"})
READ_OF_A_TENANT = frozenset({"dynamodb:GetItem", "dynamodb:Query"})
READ_INDEX = frozenset({"dynamodb:Query"})
READ_STREAM = frozenset({"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"})
WRITE_ITEMS = frozenset({"dynamodb:PutItem", "dynamodb:UpdateItem"})
ASSUME = frozenset({"sts:AssumeRole", "sts:TagSession"})
LOG = frozenset({"logs:CreateLogStream", "logs:PutLogEvents"})
TRACE = frozenset({"xray:PutTraceSegments", "xray:PutTelemetryRecords"})
LIST_STREAMS = frozenset({"dynamodb:ListStreams"})
USE_KEY = frozenset({"kms:Decrypt", "kms:GenerateDataKey"})
SEND = frozenset({"sqs:SendMessage"})
PUBLISH = frozenset({"sns:Publish"})
RECEIVE = frozenset(
    {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}
)
VERBS: Mapping[frozenset[str], str] = {
    SEND: "send queue",
    RECEIVE: "consume queue",
    PUBLISH: "publish topic",
    frozenset({"events:PutEvents"}): "publish bus",
    frozenset({"states:StartExecution"}): "start workflow",
    frozenset({"s3:PutObject"}): "write bucket",
    frozenset({"secretsmanager:GetSecretValue"}): "read secret",
    frozenset({"lambda:InvokeFunction"}): "invoke function",
    READ_ITEMS: "read database",
    WRITE_ITEMS: "write database",
    READ_STREAM: "consume database",
}
"""What a set of actions amounts to; any other set is a permission that no grant gives."""
CONFINED = {
    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["TENANT#${aws:PrincipalTag/tenant}#*"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
"""The condition that keeps a session to its tenant's partitions, and refuses it a scan."""

Statement = dict[str, Any]


def grants_of(graph: Graph, role_arn: str) -> Iterator[str]:
    """Of the role and of the roles that it may assume, without what only goes with another permission."""
    acting = _Acting(graph=graph, role_arn=role_arn)
    for statement in acting.statements:
        actions = frozenset(statement["Action"])
        for arn in statement["Resource"]:
            if actions == ASSUME:
                yield from _of_a_tenant(_Acting(graph=graph, role_arn=arn))
            elif not acting.is_told_by_another(actions, arn, statement.get("Condition", {})):
                yield _grant(graph, actions, arn)


@dataclass(frozen=True, kw_only=True)
class _Acting:
    graph: Graph
    role_arn: str

    @cached_property
    def statements(self) -> list[Statement]:
        """Of its own policies."""
        role = by_arn(self.graph, self.role_arn)
        return [
            statement
            for policy in where(self.graph, "iam.RolePolicy", role=role.state["name"])
            for statement in json.loads(policy.inputs["policy"])["Statement"]
        ]

    def resources(self, actions: frozenset[str]) -> frozenset[str]:
        """What all of these, and no more, may be done to."""
        return frozenset(
            arn for each in self.statements if actions == frozenset(each["Action"]) for arn in each["Resource"]
        )

    def is_told_by_another(self, actions: frozenset[str], arn: str, conditions: Mapping[str, Any]) -> bool:
        """Whether it says nothing by itself: on that one thing alone, and where there is what it goes with."""
        if actions == USE_KEY and conditions != _through_topics(arn):
            return False
        companions: dict[frozenset[str], frozenset[str]] = {
            LOG: self._log_streams,
            TRACE: frozenset({"*"}),
            READ_INDEX: self._indexes,
            LIST_STREAMS: frozenset({"*"} if self.resources(READ_STREAM) else ()),
            USE_KEY: frozenset(by_arn(self.graph, topic).inputs["kmsMasterKeyId"] for topic in self.resources(PUBLISH)),
            SEND: frozenset({*self._dead_letters(), *self._parked()}),
        }
        return arn in companions.get(actions, frozenset())

    @property
    def _log_streams(self) -> frozenset[str]:
        """Of the one function that acts in the role."""
        (function,) = where(self.graph, "lambda.Function", role=self.role_arn)
        (log_group,) = where(self.graph, "cloudwatch.LogGroup", name=function.inputs["loggingConfig"]["logGroup"])
        return frozenset({f"{log_group.state['arn']}:*"})

    @property
    def _indexes(self) -> frozenset[str]:
        """Of the tables that it reads all the same."""
        return frozenset(
            f"{table}/index/{index['name']}"
            for table in self.resources(READ_ITEMS)
            for index in by_arn(self.graph, table).inputs["globalSecondaryIndexes"]
        )

    def _dead_letters(self) -> Iterator[str]:
        """Who consumes a queue or a stream also puts what is hopeless among its dead letters."""
        for arn in self.resources(RECEIVE):
            yield json.loads(by_arn(self.graph, arn).inputs["redrivePolicy"])["deadLetterTargetArn"]
        for arn in self.resources(READ_STREAM):
            for mapping in where(self.graph, "lambda.EventSourceMapping", eventSourceArn=arn):
                yield mapping.inputs["destinationConfig"]["onFailure"]["destinationArn"]

    def _parked(self) -> Iterator[str]:
        """Where Lambda puts, as the function, what it could not call the function with."""
        (function,) = where(self.graph, "lambda.Function", role=self.role_arn)
        for each in where(self.graph, "lambda.FunctionEventInvokeConfig", functionName=function.state["name"]):
            yield each.inputs["destinationConfig"]["onFailure"]["destination"]


def _through_topics(key_arn: str) -> Mapping[str, Any]:
    return {"StringEquals": {"kms:ViaService": f"sns.{key_arn.split(':')[3]}.amazonaws.com"}}


def _of_a_tenant(acting: _Acting) -> Iterator[str]:
    """Both statements are confined to the tenant: the table's, and that of an index of it."""
    (table,), (index,) = acting.resources(READ_OF_A_TENANT | {"dynamodb:PutItem"}), acting.resources(READ_INDEX)
    assert len(acting.statements) == 2
    assert index.partition("/index/")[0] == table
    for statement in acting.statements:
        assert statement["Condition"] == CONFINED, "a scan, or another tenant's key, would not be refused"
    name = owner(by_arn(acting.graph, table))[1]
    yield from (f"read database/{name}", f"write database/{name}")


def _grant(graph: Graph, actions: frozenset[str], arn: str) -> str:
    assert actions in VERBS, f"no grant gives {sorted(actions)} on {arn}"
    return f"{VERBS[actions]}/{owner(of_arn(graph, arn))[1]}"
