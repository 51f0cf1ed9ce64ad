"""The key of topics: alarms can use it, and nobody can for anything else."""

from __future__ import annotations

import pytest

from tests.graph import Graph
from tests.unit.components.aws.resource_policies import statements
from tests.unit.components.making import made_alone


@pytest.fixture(scope="module")
def graph() -> Graph:
    return made_alone("aws", lambda make: None)


def test_alarms_can_publish_to_a_topic_that_is_encrypted_with_it(graph: Graph) -> None:
    _, alarms = statements(graph.one("kms.Key", "alone-topics"))
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarms["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert alarms["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "StringLike": {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-central-1:123456789012:*"},
    }


def test_the_account_decides_who_else_may_and_can_always_change_the_policy(graph: Graph) -> None:
    account, _ = statements(graph.one("kms.Key", "alone-topics"))
    assert account["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert "kms:PutKeyPolicy" in account["Action"]
    assert not [action for action in account["Action"] if "*" in action]


def test_it_is_rotated_and_found_by_its_alias(graph: Graph) -> None:
    key, alias = graph.one("kms.Key", "alone-topics"), graph.one("kms.Alias", "alone-topics").inputs
    assert key.inputs["enableKeyRotation"] is True
    assert alias["name"].startswith("alias/orderly-")
    assert alias["targetKeyId"] == key.state["keyId"]
