"""DynamoDB, S3, Secrets Manager, KMS and CloudWatch's logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.e2e.aws.cloud.making import Maker, Making, sent

KEYS = {"hashKey": "HASH", "rangeKey": "RANGE"}


def _table(making: Making) -> Mapping[str, Any]:
    keys = [{"AttributeName": making.inputs[key], "KeyType": kind} for key, kind in KEYS.items()]
    stream = {"StreamEnabled": True, "StreamViewType": making.inputs["streamViewType"]}
    making.send(
        KeySchema=keys, StreamSpecification=stream, GlobalSecondaryIndexes=_indexes(making), **_capacity(making.inputs)
    )
    if "ttl" in making.inputs:
        making.send(2, TableName=making.inputs["name"])
    table = making.clients("dynamodb").describe_table(TableName=making.inputs["name"])["Table"]
    return {"streamArn": table["LatestStreamArn"], "streamLabel": table["LatestStreamLabel"]}


def _indexes(making: Making) -> list[dict[str, Any]]:
    """The provider has flat what AWS has nested."""
    declared = zip(making.parameters()["GlobalSecondaryIndexes"], making.inputs["globalSecondaryIndexes"], strict=True)
    return [
        {**index, "Projection": {"ProjectionType": inputs["projectionType"]}, **_capacity(inputs)}
        for index, inputs in declared
    ]


def _capacity(inputs: Mapping[str, Any]) -> dict[str, Any]:
    if "readCapacity" not in inputs:
        return {}
    read, write = inputs["readCapacity"], inputs["writeCapacity"]
    return {"ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": write}}


def _secret(making: Making) -> Mapping[str, Any]:
    arn = making.send()["ARN"]
    return {"id": arn, "arn": arn}


def _key(making: Making) -> Mapping[str, Any]:
    made = making.send()["KeyMetadata"]
    return {"id": made["KeyId"], "keyId": made["KeyId"], "arn": made["Arn"]}


def _bucket(making: Making) -> Mapping[str, Any]:
    place = {"LocationConstraint": making.place.region}
    making.clients("s3").create_bucket(Bucket=making.inputs["bucket"], CreateBucketConfiguration=place)
    return {}


def _bucket_policy(making: Making) -> Mapping[str, Any]:
    making.clients("s3").put_bucket_policy(Bucket=making.inputs["bucket"], Policy=making.inputs["policy"])
    return {}


def _log_group(making: Making) -> Mapping[str, Any]:
    making.send()
    if days := making.inputs.get("retentionInDays"):
        making.clients("logs").put_retention_policy(logGroupName=making.inputs["name"], retentionInDays=days)
    return {}


MAKERS: Mapping[str, Maker] = {
    "aws:dynamodb/table:Table": _table,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretVersion:SecretVersion": sent,
    "aws:kms/key:Key": _key,
    "aws:kms/alias:Alias": sent,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_policy,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": sent,
}
