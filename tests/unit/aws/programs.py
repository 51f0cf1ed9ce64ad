"""Small graphs that AWS takes, with one thing that can be said wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from tests.aws.refusals import refusals
from tests.graph import Graph, record

ACCOUNT = "123456789012"
Statement = dict[str, Any]


def graph(declare: Callable[[], object]) -> Graph:
    def program() -> dict[str, pulumi.Input[Any]]:
        declare()
        return {}

    return record(program)


def refused(declare: Callable[[], object]) -> list[str]:
    """The names of the rules that refuse what is declared."""
    return [line.partition(":")[0] for line in refusals(graph(declare))]


def document(*statements: Statement) -> pulumi.Output[str]:
    written = [{"Effect": "Allow", **each} for each in statements]
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": written})


def after(*resources: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(depends_on=list(resources))


def role(name: str, *, service: str = "lambda.amazonaws.com", **said: Any) -> aws.iam.Role:  # noqa: ANN401
    """`said` is what its trust says otherwise."""
    trust = document({"Principal": {"Service": service}, "Action": "sts:AssumeRole", **said})
    return aws.iam.Role(name, name=name, assume_role_policy=trust)


def role_policy(
    name: str,
    of: aws.iam.Role,
    *actions: str,
    on: pulumi.Input[str] = "*",
    where: Mapping[str, Mapping[str, str]] | None = None,
) -> aws.iam.RolePolicy:
    statement = {"Action": list(actions), "Resource": on, "Condition": where or {}}
    return aws.iam.RolePolicy(name, name=name, role=of.name, policy=document(statement))


def function(name: str = "orders", **settings: Any) -> aws.lambda_.Function:  # noqa: ANN401 any argument
    settings.setdefault("role", role(f"{name}-role").arn)
    return aws.lambda_.Function(
        name, name=name, runtime="python3.13", handler="orders.handle", publish=True, **settings
    )


def alias(of: aws.lambda_.Function, **settings: Any) -> aws.lambda_.Alias:  # noqa: ANN401 any argument
    return aws.lambda_.Alias(
        "live", name="live", function_name=of.name, function_version=settings.pop("version", of.version), **settings
    )


def permission(
    of: aws.lambda_.Function,
    service: str,
    source: pulumi.Input[str],
    *,
    qualifier: str | None = "live",
    action: str = "lambda:InvokeFunction",
    source_account: str | None = None,
) -> aws.lambda_.Permission:
    return aws.lambda_.Permission(
        f"{service}-permission",
        action=action,
        function=of.name,
        principal=service,
        qualifier=qualifier,
        source_arn=source,
        source_account=source_account,
    )


def queue_policy(
    of: aws.sqs.Queue,
    service: str,
    source: pulumi.Input[str],
    *more: Statement,
    name: str = "queue",
    **said: Any,  # noqa: ANN401 any part of a statement
) -> aws.sqs.QueuePolicy:
    """`said` is what the first of its statements says otherwise, `more` are the others."""
    statement = {
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": of.arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
        **said,
    }
    return aws.sqs.QueuePolicy(name, queue_url=of.url, policy=document(statement, *more))


def redrive(to: aws.sqs.Queue) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"deadLetterTargetArn": to.arn, "maxReceiveCount": 5})
