"""The simulated Google Cloud by itself: what it refuses to make or to delete, and what becomes another thing."""

from __future__ import annotations

import shutil
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tests.engine.gcp.provider.rules import GcpRules
from tests.engine.simulated.cloud import Asked, CloudError, Found
from tests.engine.simulated.file_cloud import FileCloud
from tests.gcp.refused_apis import APIS, BESIDES

SERVICE = "gcp:projects/service:Service"
TOPIC = "gcp:pubsub/topic:Topic"
DATABASE = "gcp:firestore/database:Database"
WORKFLOW = "gcp:workflows/workflow:Workflow"
BUCKET = "gcp:storage/bucket:Bucket"
OBJECT = "gcp:storage/bucketObject:BucketObject"
LOG_BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
ACCOUNT = "gcp:serviceaccount/account:Account"
FUNCTION = "gcp:cloudfunctionsv2/function:Function"
API = "gcp:apigateway/api:Api"
GATEWAY = "gcp:apigateway/gateway:Gateway"
CONFIG = "gcp:apigateway/apiConfig:ApiConfig"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
SECRET = "gcp:secretmanager/secret:Secret"  # noqa: S105
SINK = "gcp:logging/projectSink:ProjectSink"
ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
RULE = "gcp:compute/globalForwardingRule:GlobalForwardingRule"
PROXY = "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
PATHS = "gcp:compute/uRLMap:URLMap"
BACKEND = "gcp:compute/backendService:BackendService"
ENDPOINTS = "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup"
USES = (
    (API, CONFIG, "api"),
    (CONFIG, GATEWAY, "apiConfig"),
    ("gcp:compute/globalAddress:GlobalAddress", RULE, "ipAddress"),
    (PROXY, RULE, "target"),
    (PATHS, PROXY, "urlMap"),
    ("gcp:compute/managedSslCertificate:ManagedSslCertificate", PROXY, "sslCertificates"),
    ("gcp:compute/sSLPolicy:SSLPolicy", PROXY, "sslPolicy"),
    (BACKEND, PATHS, "defaultService"),
    (ENDPOINTS, BACKEND, "backends"),
)
"""What may not go, the kind that keeps it, and where that names it."""
NAMED: dict[str, Any] = {
    "name": "orders",
    "region": "europe-west1",
    "api": "orders",
    "apiId": "orders",
    "apiConfigId": "orders",
    "gatewayId": "orders",
}
"""Whatever a resource is named by."""
LET_GO: dict[str, Any] = {"deleteProtectionState": "DELETE_PROTECTION_DISABLED", "deletionPolicy": "DELETE"}


def asked(type_token: str, inputs: dict[str, Any], **files: Path) -> Asked:
    provider = {"project": "orderly-test", "region": "europe-west1"}
    return Asked(type=type_token, name="orders", inputs=inputs, provider=provider, files=files)


@pytest.fixture
def cloud(tmp_path: Path) -> FileCloud:
    """With the APIs enabled."""
    cloud = FileCloud(tmp_path / "account.json", GcpRules())
    for api in {*APIS.values(), *chain.from_iterable(BESIDES.values())}:
        made(cloud, SERVICE, service=f"{api}.googleapis.com", disableOnDestroy=False)
    return cloud


def made(cloud: FileCloud, type_token: str, **inputs: object) -> Found:
    return cloud.create(asked(type_token, inputs))


def again(cloud: FileCloud, type_token: str, **inputs: object) -> tuple[Found, Found]:
    """Made, deleted, and made once more."""
    first = made(cloud, type_token, **inputs)
    cloud.delete(type_token, first.id)
    return first, made(cloud, type_token, **inputs)


def is_there(cloud: FileCloud, type_token: str, found: Found) -> bool:
    return cloud.read(type_token, found.id) is not None


def test_nothing_is_made_by_an_api_that_is_not_enabled(tmp_path: Path) -> None:
    cloud = FileCloud(tmp_path / "account.json", GcpRules())
    with pytest.raises(CloudError, match=r"pubsub\.googleapis\.com has not been used"):
        made(cloud, TOPIC, name="orders")


def test_a_name_is_had_once(cloud: FileCloud) -> None:
    made(cloud, TOPIC, name="orders")
    with pytest.raises(CloudError, match="exists already"):
        made(cloud, TOPIC, name="orders")


def test_an_api_outlives_its_deletion_unless_it_is_disabled_by_it(cloud: FileCloud) -> None:
    kept = made(cloud, SERVICE, service="run.googleapis.com", disableOnDestroy=False)
    cloud.delete(SERVICE, kept.id)
    assert is_there(cloud, SERVICE, kept)
    taken = made(cloud, SERVICE, service="orders.cloud.goog", disableOnDestroy=True)
    cloud.delete(SERVICE, taken.id)
    assert not is_there(cloud, SERVICE, taken)


@pytest.mark.parametrize(
    ("type_token", "inputs"),
    [
        pytest.param(DATABASE, {"name": "orders", **LET_GO, "deletionPolicy": "PREVENT"}, id="policy"),
        pytest.param(SUBSCRIPTION, {"name": "orders", "deletionPolicy": "PREVENT"}, id="policy-of-another-kind"),
        pytest.param(
            DATABASE,
            {"name": "orders", **LET_GO, "deleteProtectionState": "DELETE_PROTECTION_ENABLED"},
            id="database",
        ),
        pytest.param(WORKFLOW, {"name": "orders"}, id="workflow-by-default"),
        pytest.param(SECRET, {"secretId": "orders", "deletionProtection": True}, id="secret"),
    ],
)
def test_what_is_protected_is_not_deleted(cloud: FileCloud, type_token: str, inputs: dict[str, Any]) -> None:
    found = made(cloud, type_token, **inputs)
    with pytest.raises(CloudError, match=r"run `up`"):
        cloud.delete(type_token, found.id)
    assert is_there(cloud, type_token, found)


def test_a_database_that_says_nothing_is_forgotten_and_its_name_stays_taken(cloud: FileCloud) -> None:
    found = made(cloud, DATABASE, name="orders")
    cloud.delete(DATABASE, found.id)
    with pytest.raises(CloudError, match="exists already"):
        made(cloud, DATABASE, name="orders")


@pytest.mark.parametrize(
    ("type_token", "inputs"),
    [(LOG_BUCKET, {"bucketId": "orders", "location": "europe-west1"}), (ROLE, {"roleId": "orders"})],
)
def test_what_google_keeps_the_id_of_cannot_be_had_again(
    cloud: FileCloud, type_token: str, inputs: dict[str, Any]
) -> None:
    with pytest.raises(CloudError, match="was deleted"):
        again(cloud, type_token, **inputs)


def test_a_sink_that_is_there_already_is_taken_over(cloud: FileCloud) -> None:
    made(cloud, SINK, name="orders", destination="first")
    found = made(cloud, SINK, name="orders", destination="second")
    assert cloud.read(SINK, found.id) == found


def test_a_bucket_is_deleted_with_what_is_in_it_only_where_it_says_so(cloud: FileCloud) -> None:
    inputs: dict[str, Any] = {"name": "orders", "location": "EUROPE-WEST1"}
    bucket = made(cloud, BUCKET, **inputs)
    made(cloud, OBJECT, bucket="orders", name="code")
    with pytest.raises(CloudError, match="not empty"):
        cloud.delete(BUCKET, bucket.id)
    cloud.update(asked(BUCKET, {**inputs, "forceDestroy": True}), bucket.id)
    cloud.delete(BUCKET, bucket.id)
    assert not is_there(cloud, BUCKET, bucket)


@pytest.mark.parametrize(("type_token", "user", "its_input"), USES, ids=[used for used, _, _ in USES])
def test_what_another_resource_uses_is_not_deleted(
    cloud: FileCloud, type_token: str, user: str, its_input: str
) -> None:
    used = made(cloud, type_token, **NAMED)
    named = "orders" if type_token == API else used.id
    other = made(cloud, user, **{**NAMED, its_input: [{"group": named}] if its_input == "backends" else named})
    with pytest.raises(CloudError, match="is used by"):
        cloud.delete(type_token, used.id)
    cloud.delete(user, other.id)
    cloud.delete(type_token, used.id)
    assert not is_there(cloud, type_token, used)


def test_a_word_that_is_the_end_of_an_identifier_is_no_use_of_it(cloud: FileCloud) -> None:
    group = made(cloud, ENDPOINTS, **NAMED)
    made(cloud, BACKEND, **NAMED, backends=[{"group": "another", "balancingMode": "orders"}])
    cloud.delete(ENDPOINTS, group.id)
    assert not is_there(cloud, ENDPOINTS, group)


def test_a_secret_counts_its_versions_for_good(cloud: FileCloud) -> None:
    first, second = again(cloud, VERSION, secret="projects/p/secrets/hook", secretData="value")  # noqa: S106
    assert (first.computed["version"], second.computed["version"]) == ("1", "2")


def test_an_account_that_is_made_again_has_the_address_of_the_old_one_and_another_number(cloud: FileCloud) -> None:
    first, second = again(cloud, ACCOUNT, accountId="orders")
    assert first.computed["email"] == second.computed["email"]
    assert first.computed["uniqueId"] != second.computed["uniqueId"]


def test_a_function_keeps_its_address_through_an_update(cloud: FileCloud) -> None:
    inputs: dict[str, Any] = {"name": "orders", "location": "europe-west1"}
    before = made(cloud, FUNCTION, **inputs, serviceConfig={"availableMemory": "512Mi"})
    after = cloud.update(asked(FUNCTION, {**inputs, "serviceConfig": {"availableMemory": "1024Mi"}}), before.id)
    assert after.computed["serviceConfig"] == {**before.computed["serviceConfig"], "availableMemory": "1024Mi"}


def test_a_gateway_keeps_its_address_with_another_config(cloud: FileCloud) -> None:
    before = made(cloud, GATEWAY, gatewayId="orders", apiConfig="first")
    after = cloud.update(asked(GATEWAY, {"gatewayId": "orders", "apiConfig": "second"}), before.id)
    assert after.computed["defaultHostname"] == before.computed["defaultHostname"]


def test_what_is_uploaded_is_kept_by_its_digest(cloud: FileCloud, tmp_path: Path) -> None:
    source = tmp_path / "code.zip"
    source.write_bytes(b"the code")
    cloud.create(asked(OBJECT, {"bucket": "orders", "name": "code", "source": "d1935"}, source=source))
    assert (tmp_path / "files" / "d1935").read_bytes() == b"the code"


def test_a_refusal_leaves_everything_as_it_was(cloud: FileCloud, tmp_path: Path) -> None:
    made(cloud, TOPIC, name="orders")
    shutil.copyfile(cloud.path, tmp_path / "before.json")
    with pytest.raises(CloudError):
        made(cloud, TOPIC, name="orders")
    assert cloud.path.read_bytes() == (tmp_path / "before.json").read_bytes()
