"""What only containers of Azure Storage have: versions, and a role that writes and does nothing else."""

from __future__ import annotations

import pytest

from components.bucket import Bucket, BucketArgs
from components.function import Function
from tests.azure.reading import settings
from tests.graph import Graph
from tests.unit.components.azure.access import May, may
from tests.unit.components.making import Make, function_args, made_alone


@pytest.fixture(scope="module")
def graph() -> Graph:
    def wire(make: Make) -> None:
        bucket = make(Bucket, "files", BucketArgs(deletion_protection=True))
        make(Function, "files", function_args(bucket.writer()))

    return made_alone("azure", wire)


def test_the_account_has_no_keys_and_nothing_public(graph: Graph) -> None:
    inputs = graph.one("storage.StorageAccount", "files-bucket").inputs
    assert {name: inputs[name] for name in ("allowSharedKeyAccess", "allowBlobPublicAccess")} == {
        "allowSharedKeyAccess": False,
        "allowBlobPublicAccess": False,
    }
    assert (inputs["minimumTlsVersion"], inputs["enableHttpsTrafficOnly"]) == ("TLS1_2", True)
    assert graph.one("storage.BlobContainer", "files").inputs["publicAccess"] == "None"


def test_a_function_of_the_same_name_has_another_account(graph: Graph) -> None:
    names = {found.inputs["accountName"] for found in graph.of("storage.StorageAccount").values()}
    assert len(names) == len(graph.of("storage.StorageAccount")) == 2


def test_what_is_overwritten_is_kept_a_month_and_what_is_deleted_a_week(graph: Graph) -> None:
    kept = graph.one("storage.BlobServiceProperties", "files").inputs
    assert kept["isVersioningEnabled"] is True
    assert kept["deleteRetentionPolicy"] == kept["containerDeleteRetentionPolicy"] == {"enabled": True, "days": 7}
    (rule,) = graph.one("storage.ManagementPolicy", "files").inputs["policy"]["rules"]
    assert rule["definition"]["actions"] == {"version": {"delete": {"daysAfterCreationGreaterThan": 30}}}


def test_whoever_writes_may_neither_read_nor_delete(graph: Graph) -> None:
    assert May(role="files-write", on="storage.BlobContainer/files") in may(graph, "files")
    role = graph.one("authorization.RoleDefinition", "files-write").inputs
    assert role["permissions"] == [
        {"dataActions": ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"]}
    ]
    assert role["assignableScopes"] == [graph.one("resources.ResourceGroup", "alone").id]


def test_account_and_container_are_protected(graph: Graph) -> None:
    assert graph.one("storage.StorageAccount", "files-bucket").protect
    assert graph.one("storage.BlobContainer", "files").protect
    assert not graph.one("storage.StorageAccount", "files-app").protect


def test_a_writer_knows_the_containers_address(graph: Graph) -> None:
    account = graph.one("storage.StorageAccount", "files-bucket").inputs["accountName"]
    told = settings(graph.one("web.WebApp", "files"))
    assert told["ORDERLY_BUCKET"] == f"https://{account}.blob.core.windows.net/files"
