"""Cloud Storage: closed, in the region, with old versions, and writers who can neither read nor overwrite."""

from __future__ import annotations

import pytest

from components.bucket import Bucket, BucketArgs
from components.function import Function
from tests.graph import Graph
from tests.unit.components.gcp.members import May, may
from tests.unit.components.making import Make, function_args, made_alone


def bucket(*, is_protected: bool) -> Graph:
    def wire(make: Make) -> None:
        made = make(Bucket, "files", BucketArgs(deletion_protection=is_protected))
        make(Function, "archives", function_args(made.writer()))

    return made_alone("gcp", wire)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return bucket(is_protected=False)


def test_nobody_gets_in_but_by_a_role(graph: Graph) -> None:
    inputs = graph.one("storage.Bucket", "files").inputs
    assert inputs["uniformBucketLevelAccess"] is True
    assert inputs["publicAccessPrevention"] == "enforced"


def test_its_place_is_written_as_the_api_writes_it(graph: Graph) -> None:
    """Otherwise every `up` finds a difference."""
    assert graph.one("storage.Bucket", "files").inputs["location"] == "EUROPE-WEST1"


def test_a_writer_may_create_and_nothing_else(graph: Graph) -> None:
    assert may(graph, "archives") == {May(role="storage.objectCreator", on="files")}
    variables = graph.one("cloudfunctionsv2.Function", "archives").inputs["serviceConfig"]["environmentVariables"]
    assert variables["ORDERLY_BUCKET"] == graph.one("storage.Bucket", "files").inputs["name"]


def test_old_versions_are_kept_for_a_month_and_unfinished_uploads_for_a_week(graph: Graph) -> None:
    inputs = graph.one("storage.Bucket", "files").inputs
    assert inputs["versioning"] == {"enabled": True}
    assert {rule["action"]["type"]: rule["condition"] for rule in inputs["lifecycleRules"]} == {
        "Delete": {"daysSinceNoncurrentTime": 30, "withState": "ARCHIVED"},
        "AbortIncompleteMultipartUpload": {"age": 7},
    }


@pytest.mark.parametrize(("is_protected", "policy"), [(True, "PREVENT"), (False, "DELETE")])
def test_it_is_emptied_and_deleted_only_where_it_is_not_protected(*, is_protected: bool, policy: str) -> None:
    made = bucket(is_protected=is_protected).one("storage.Bucket", "files")
    assert (made.protect, made.inputs["forceDestroy"], made.inputs["deletionPolicy"]) == (
        is_protected,
        not is_protected,
        policy,
    )
