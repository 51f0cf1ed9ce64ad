"""What of the system ministack does not do: it is in the state alone, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_SCALING = "ministack has no load that anything could follow"
_FIREWALL = "ministack's firewall lets everything through"
_WATCHED = "ministack has no metrics of its services that an alarm could watch"

UNPLAYED: Mapping[str, str] = {
    "aws:appautoscaling/target:Target": _SCALING,
    "aws:appautoscaling/policy:Policy": _SCALING,
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": "ministack starts each process on demand",
    "aws:cloudwatch/metricAlarm:MetricAlarm": _WATCHED,
    "aws:cloudwatch/dashboard:Dashboard": _WATCHED,
    "aws:wafv2/webAcl:WebAcl": _FIREWALL,
    "aws:wafv2/webAclAssociation:WebAclAssociation": _FIREWALL,
    "aws:apigateway/account:Account": "ministack writes access logs without a role",
    "aws:apigateway/methodSettings:MethodSettings": "ministack throttles nobody",
    "aws:apigateway/usagePlan:UsagePlan": "ministack throttles nobody",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "nothing in a test gets old enough",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "there is one account",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "ministack is on loopback alone",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "files are as written",
    "aws:s3/bucketVersioning:BucketVersioning": "nothing is written twice",
}

UNPLAYED_TESTS: Mapping[tuple[str, str], str] = {
    ("rest-express", "test_a_browser_may_call_from_a_configured_origin_only"): (
        "ministack's templates do not know $context.responseOverride, by which a preflight names the caller's origin"
    ),
}
"""By the kind of system and the test, why ministack cannot show it."""
