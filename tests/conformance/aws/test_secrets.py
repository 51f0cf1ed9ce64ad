"""How long a secret is kept, by a clock that the test moves."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from functions.adapters.aws.secrets import KEEP_SECONDS, ManagedSecrets
from tests.conformance.aws_target import AwsTarget


def test_a_rotated_secret_is_noticed_after_five_minutes(aws: AwsTarget) -> None:
    now = 1000.0
    secrets = ManagedSecrets(aws.clients.secretsmanager, seconds=lambda: now)
    aws.put_secret("api-key", "first")
    assert secrets.get("api-key") == "first"
    aws.put_secret("api-key", "second")
    now += KEEP_SECONDS - 1
    assert secrets.get("api-key") == "first"
    now += 1
    assert secrets.get("api-key") == "second"


def test_a_secret_is_read_by_its_arn(aws: AwsTarget) -> None:
    aws.put_secret("api-key", "first")
    arn = aws.clients.secretsmanager.describe_secret(SecretId="api-key")["ARN"]
    assert aws.secrets.get(arn) == "first"


def test_a_secret_that_is_not_there_is_no_passing_fault(aws: AwsTarget) -> None:
    with pytest.raises(ClientError, match="ResourceNotFound"):
        aws.secrets.get("another")
