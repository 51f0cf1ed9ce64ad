"""The archive's bucket: closed, encrypted, versioned, and written to by object alone."""

from __future__ import annotations

import pytest

from components.bucket import Bucket, BucketArgs
from components.function import Function
from tests.graph import Graph
from tests.unit.components.aws.policies import allowing, statements
from tests.unit.components.making import Make, function_args, made_alone


def archive(*, kept: bool = True) -> Graph:
    def wire(make: Make) -> None:
        bucket = make(Bucket, "archive", BucketArgs(deletion_protection=kept))
        make(Function, "archivist", function_args(bucket.writer()))

    return made_alone("aws", wire)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return archive()


@pytest.mark.parametrize("kept", [True, False])
def test_it_is_emptied_on_delete_only_where_it_need_not_be_kept(*, kept: bool) -> None:
    bucket = archive(kept=kept).one("s3.Bucket", "archive")
    assert bucket.inputs["forceDestroy"] is not kept
    assert bucket.protect is kept


def test_it_is_open_to_nobody(graph: Graph) -> None:
    closed = dict(graph.one("s3.BucketPublicAccessBlock", "archive").inputs)
    bucket = graph.one("s3.Bucket", "archive")
    assert closed.pop("bucket") == bucket.id
    assert closed == dict.fromkeys(
        ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
    )
    ownership = graph.one("s3.BucketOwnershipControls", "archive").inputs
    assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


def test_it_is_reached_over_tls_alone_by_a_policy_that_waits_for_the_block(graph: Graph) -> None:
    policy = graph.one("s3.BucketPolicy", "archive")
    (deny,) = statements(policy.inputs["policy"])
    arn = graph.one("s3.Bucket", "archive").state["arn"]
    assert (deny["Effect"], deny["Principal"], deny["Resource"]) == ("Deny", "*", [arn, f"{arn}/*"])
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert graph.one("s3.BucketPublicAccessBlock", "archive").urn in policy.dependencies


def test_what_is_overwritten_is_kept_for_a_month(graph: Graph) -> None:
    (rule,) = graph.one("s3.BucketLifecycleConfiguration", "archive").inputs["rules"]
    versioning = graph.one("s3.BucketVersioning", "archive")
    assert versioning.inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert (rule["status"], rule["filter"]) == ("Enabled", {"prefix": ""})
    assert "expiration" not in rule
    assert versioning.urn in graph.one("s3.BucketLifecycleConfiguration", "archive").dependencies


def test_it_is_encrypted(graph: Graph) -> None:
    (rule,) = graph.one("s3.BucketServerSideEncryptionConfiguration", "archive").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_its_writer_puts_objects_and_can_do_nothing_else_with_it(graph: Graph) -> None:
    (put,) = allowing(graph, "archivist", "s3:PutObject")
    bucket = graph.one("s3.Bucket", "archive").state
    assert (put["Action"], put["Resource"]) == (["s3:PutObject"], [f"{bucket['arn']}/*"])
    variables = graph.one("lambda.Function", "archivist").inputs["environment"]["variables"]
    assert variables["ORDERLY_BUCKET"] == bucket["bucket"]


def test_two_accounts_have_two_names_for_it_since_all_accounts_share_one_name_space() -> None:
    def wire(make: Make) -> None:
        make(Bucket, "archive", BucketArgs(deletion_protection=False))

    def name_in(account: str) -> str:
        graph = made_alone("aws", wire, aws={"region": "eu-central-1", "account": account})
        return str(graph.one("s3.Bucket", "archive").inputs["bucket"])

    assert name_in("123456789012") != name_in("210987654321")
