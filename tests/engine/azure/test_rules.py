"""The simulated Azure by itself: what it refuses to make, to change or to delete, and what goes with what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.azure.outputs import SUBSCRIPTION
from tests.engine.azure.provider.rules import AzureRules
from tests.engine.simulated.account import Account
from tests.engine.simulated.cloud import Asked, CloudError, Found
from tests.engine.simulated.file_cloud import FileCloud, key_of

GROUP = "azure-native:resources:ResourceGroup"
STORAGE = "azure-native:storage:StorageAccount"
BLOBS = "azure-native:storage:BlobServiceProperties"
CONTAINER = "azure-native:storage:BlobContainer"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
ROLE = "azure-native:authorization:RoleDefinition"
VAULT = "azure-native:keyvault:Vault"
SECRET = "azure-native:keyvault:Secret"  # noqa: S105 a type
GATEWAY = "azure-native:apimanagement:ApiManagementService"
COSMOS = "azure-native:cosmosdb:DatabaseAccount"
ITEMS = "azure-native:cosmosdb:SqlResourceSqlContainer"
DATABASE = "azure-native:cosmosdb:SqlResourceSqlDatabase"
BUS = "azure-native:servicebus:Namespace"
QUEUE = "azure-native:servicebus:Queue"
TOPIC = "azure-native:servicebus:Topic"
SUBSCRIBED = "azure-native:servicebus:Subscription"
RULE = "azure-native:servicebus:DefaultRule"
EVENTS = "azure-native:eventgrid:Topic"
PLAN = "azure-native:web:AppServicePlan"
APP = "azure-native:web:WebApp"
BUILT_IN = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/of-azure"
PLACE: dict[str, Any] = {"resourceGroupName": "orders", "location": "westeurope"}


def asked(type_token: str, inputs: dict[str, Any], name: str = "orders") -> Asked:
    provider = {"subscriptionId": SUBSCRIPTION}
    return Asked(type=type_token, name=name, inputs={**PLACE, **inputs}, provider=provider, files={})


def made(cloud: FileCloud, type_token: str, **inputs: object) -> Found:
    return cloud.create(asked(type_token, inputs))


def changed(cloud: FileCloud, type_token: str, found: Found, **inputs: object) -> Found:
    return cloud.update(asked(type_token, {**found.inputs, **inputs}), found.id)


def is_there(cloud: FileCloud, type_token: str, found: Found) -> bool:
    return cloud.read(type_token, found.id) is not None


@pytest.fixture
def cloud(tmp_path: Path) -> FileCloud:
    """With a resource group."""
    cloud = FileCloud(tmp_path / "account.json", AzureRules())
    made(cloud, GROUP)
    return cloud


def vault(cloud: FileCloud, **properties: object) -> Found:
    return made(cloud, VAULT, vaultName="orders", properties=properties)


def gateway(cloud: FileCloud, **inputs: object) -> Found:
    return made(cloud, GATEWAY, serviceName="orders", sku={"name": "Consumption", "capacity": 0}, **inputs)


def assigned(cloud: FileCloud, principal: object, *, on: str, name: str = "one", role: str = BUILT_IN) -> Found:
    return made(cloud, ASSIGNMENT, scope=on, principalId=principal, roleDefinitionId=role, roleAssignmentName=name)


def test_nothing_is_made_where_nothing_is(tmp_path: Path) -> None:
    cloud = FileCloud(tmp_path / "account.json", AzureRules())
    with pytest.raises(CloudError, match="resourceGroups/orders was not found"):
        made(cloud, STORAGE, accountName="orders")
    made(cloud, GROUP)
    with pytest.raises(CloudError, match="storageAccounts/orders was not found"):
        made(cloud, CONTAINER, accountName="orders", containerName="archive")
    made(cloud, STORAGE, accountName="orders")
    made(cloud, CONTAINER, accountName="orders", containerName="archive")


def test_what_a_resource_speaks_of_has_to_be_there(cloud: FileCloud) -> None:
    plan = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/orders/providers/Microsoft.Web/serverfarms/orders"
    with pytest.raises(CloudError, match="serverfarms/orders was not found"):
        made(cloud, APP, name="orders", serverFarmId=plan)
    assert made(cloud, PLAN, name="orders").id == plan
    app = made(cloud, APP, name="orders", serverFarmId=plan)
    with pytest.raises(CloudError, match="userAssignedIdentities/gone was not found"):
        changed(
            cloud,
            APP,
            app,
            keyVaultReferenceIdentity=plan.replace("Web/serverfarms/orders", "I/userAssignedIdentities/gone"),
        )


def test_a_resource_is_had_once_and_what_comes_with_its_parent_is_overwritten(cloud: FileCloud) -> None:
    account = made(cloud, STORAGE, accountName="orders")
    with pytest.raises(CloudError, match="cannot create already existing resource"):
        made(cloud, STORAGE, accountName="orders")
    blobs = made(cloud, BLOBS, accountName="orders")
    cloud.delete(BLOBS, blobs.id)
    assert is_there(cloud, BLOBS, blobs)
    made(cloud, BLOBS, accountName="orders", isVersioningEnabled=True)
    cloud.delete(STORAGE, account.id)
    assert not is_there(cloud, BLOBS, blobs)


def test_a_rule_that_comes_with_its_subscription_is_overwritten_and_can_be_deleted(cloud: FileCloud) -> None:
    where = {"namespaceName": "orders", "topicName": "orders", "subscriptionName": "orders"}
    for type_token in (BUS, TOPIC, SUBSCRIBED):
        made(cloud, type_token, **where)
    rule = made(cloud, RULE, **where)
    made(cloud, RULE, **where)
    cloud.delete(RULE, rule.id)
    assert not is_there(cloud, RULE, rule)


def test_the_name_of_a_host_is_everybodys(cloud: FileCloud) -> None:
    made(cloud, GROUP, resourceGroupName="others")
    made(cloud, STORAGE, accountName="orders")
    made(cloud, IDENTITY, resourceName="orders")
    with pytest.raises(CloudError, match="the name is everybody's"):
        made(cloud, STORAGE, resourceGroupName="others", accountName="orders")
    made(cloud, IDENTITY, resourceGroupName="others", resourceName="orders")


def test_a_group_goes_with_all_that_is_in_it_and_nothing_else(cloud: FileCloud) -> None:
    other = made(cloud, GROUP, resourceGroupName="orders-of-others")
    made(cloud, BUS, namespaceName="orders")
    queue = made(cloud, QUEUE, namespaceName="orders", queueName="orders")
    identity = made(cloud, IDENTITY, resourceName="orders")
    role = assigned(cloud, identity.computed["principalId"], on=queue.id)
    cloud.delete(GROUP, f"/subscriptions/{SUBSCRIPTION}/resourceGroups/orders")
    assert not is_there(cloud, QUEUE, queue)
    assert not is_there(cloud, ASSIGNMENT, role)
    assert is_there(cloud, GROUP, other)


def test_a_role_is_for_somebody_who_is_there_and_had_once(cloud: FileCloud) -> None:
    bus = made(cloud, BUS, namespaceName="orders")
    with pytest.raises(CloudError, match="principal nobody was not found"):
        assigned(cloud, "nobody", on=bus.id)
    identity = made(cloud, IDENTITY, resourceName="orders")
    topic = made(cloud, EVENTS, topicName="orders", identity={"type": "SystemAssigned"})
    assigned(cloud, topic.computed["identity"]["principalId"], on=bus.id)
    of_the_identity = assigned(cloud, identity.computed["principalId"], on=bus.id, name="two")
    with pytest.raises(CloudError, match="by another name"):
        assigned(cloud, identity.computed["principalId"], on=bus.id, name="three")
    cloud.delete(ASSIGNMENT, of_the_identity.id)
    assigned(cloud, identity.computed["principalId"], on=bus.id, name="two")


def test_a_role_that_somebody_has_and_a_plan_with_an_app_stay(cloud: FileCloud) -> None:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/orders"
    role = made(cloud, ROLE, roleDefinitionId="ours", scope=group)
    identity = made(cloud, IDENTITY, resourceName="orders")
    has_it = assigned(cloud, identity.computed["principalId"], on=group, role=role.id)
    with pytest.raises(CloudError, match="is used by"):
        cloud.delete(ROLE, role.id)
    cloud.delete(ASSIGNMENT, has_it.id)
    cloud.delete(ROLE, role.id)
    plan = made(cloud, PLAN, name="orders")
    made(cloud, APP, name="orders", serverFarmId=plan.id)
    with pytest.raises(CloudError, match="is used by"):
        cloud.delete(PLAN, plan.id)


def test_an_identity_that_is_made_again_is_somebody_else_and_one_that_is_changed_is_not(cloud: FileCloud) -> None:
    first = made(cloud, IDENTITY, resourceName="orders")
    tagged = changed(cloud, IDENTITY, first, tags={"owner": "tests"})
    assert tagged.computed == first.computed
    cloud.delete(IDENTITY, first.id)
    again = made(cloud, IDENTITY, resourceName="orders")
    assert again.id == first.id
    assert again.computed["principalId"] != first.computed["principalId"]


@pytest.mark.parametrize("group", ["orders", "others"])
def test_a_deleted_vault_keeps_its_name_until_it_is_recovered_or_purged(cloud: FileCloud, group: str) -> None:
    made(cloud, GROUP, resourceGroupName="others")
    first = vault(cloud)
    cloud.delete(VAULT, first.id)
    with pytest.raises(CloudError, match="was deleted and is kept with its name"):
        made(cloud, VAULT, resourceGroupName=group, vaultName="orders", properties={})
    Account(cloud.path.parent).purge(key_of(VAULT, first.id))
    made(cloud, VAULT, resourceGroupName=group, vaultName="orders", properties={})


def test_a_deleted_vault_comes_back_with_its_secrets(cloud: FileCloud) -> None:
    first = vault(cloud)
    inputs = {"vaultName": "orders", "secretName": "webhook", "properties": {"value": "hidden"}}
    made(cloud, SECRET, **inputs)
    cloud.delete(VAULT, first.id)
    vault(cloud, createMode="recover")
    with pytest.raises(CloudError, match=r"cannot create already existing resource .*/secrets/webhook"):
        made(cloud, SECRET, **inputs)


def test_a_deleted_gateway_keeps_its_name_until_it_is_restored(cloud: FileCloud) -> None:
    first = gateway(cloud)
    cloud.delete(GATEWAY, first.id)
    with pytest.raises(CloudError, match="was deleted and is kept with its name"):
        gateway(cloud)
    assert gateway(cloud, restore=True).id == first.id


def test_what_was_never_deleted_is_not_recovered(cloud: FileCloud) -> None:
    with pytest.raises(CloudError, match="there is no deleted one"):
        vault(cloud, createMode="recover")
    with pytest.raises(CloudError, match="there is no deleted one"):
        gateway(cloud, restore=True)


REGION = [{"locationName": "westeurope", "failoverPriority": 0}]
KEPT: dict[str, Any] = {"databaseAccountOfferType": "Standard", "locations": REGION, "capabilities": []}


@pytest.mark.parametrize(
    ("type_token", "before", "after", "what"),
    [
        pytest.param(BUS, {"sku": {"name": "Standard"}}, {"sku": {"name": "Premium"}}, "the tier", id="bus"),
        pytest.param(BUS, {}, {"location": "northeurope"}, "the location", id="location"),
        pytest.param(EVENTS, {"inputSchema": "A"}, {"inputSchema": "B"}, "the schema", id="schema"),
        pytest.param(STORAGE, {"kind": "StorageV2"}, {"kind": "BlobStorage"}, "the kind", id="storage"),
        pytest.param(PLAN, {"sku": {"tier": "Dynamic"}}, {"sku": {"tier": "FlexConsumption"}}, "the tier", id="plan"),
        pytest.param(
            COSMOS, KEPT, {"capabilities": [{"name": "EnableServerless"}]}, "being serverless", id="serverless"
        ),
        pytest.param(
            VAULT,
            {"properties": {"softDeleteRetentionInDays": 7}},
            {"properties": {"softDeleteRetentionInDays": 90}},
            "the days of soft deletion",
            id="days",
        ),
        pytest.param(COSMOS, {**KEPT, "kind": "GlobalDocumentDB"}, {"kind": "MongoDB"}, "the kind", id="cosmos"),
        pytest.param(COSMOS, KEPT, {"databaseAccountOfferType": "Other"}, "the offer", id="offer"),
        pytest.param(COSMOS, KEPT, {"locations": [{"locationName": "northeurope"}]}, "the only region", id="region"),
        pytest.param(
            COSMOS,
            {**KEPT, "backupPolicy": {"type": "Continuous"}},
            {"backupPolicy": {"type": "Periodic"}},
            "continuous backup",
            id="backup",
        ),
        pytest.param(
            VAULT,
            {"properties": {"enablePurgeProtection": True}},
            {"properties": {"enablePurgeProtection": False}},
            "purge protection",
            id="purge",
        ),
        pytest.param(
            GATEWAY,
            {"sku": {"name": "Consumption"}},
            {"sku": {"name": "BasicV2"}},
            "from or to Consumption",
            id="gateway",
        ),
    ],
)
def test_what_azure_cannot_change_is_refused_and_stays(
    cloud: FileCloud, type_token: str, before: dict[str, Any], after: dict[str, Any], what: str
) -> None:
    names = dict.fromkeys(("namespaceName", "accountName", "topicName", "vaultName", "serviceName", "name"), "orders")
    found = made(cloud, type_token, **names, **before)
    with pytest.raises(CloudError, match=f"{what}.* cannot be changed"):
        changed(cloud, type_token, found, **after)
    assert cloud.read(type_token, found.id) == found


def test_keys_of_a_container_cannot_be_changed_and_how_long_items_live_can(cloud: FileCloud) -> None:
    where = {"accountName": "orders", "databaseName": "orders", "containerName": "orders"}
    made(cloud, COSMOS, **where, **KEPT)
    made(cloud, DATABASE, **where)
    found = made(cloud, ITEMS, **where, resource={"id": "orders", "partitionKey": {"paths": ["/tenant"]}})
    with pytest.raises(CloudError, match="the partition key cannot be changed"):
        changed(cloud, ITEMS, found, resource={"id": "orders", "partitionKey": {"paths": ["/customer"]}})
    with pytest.raises(CloudError, match="the unique keys cannot be changed"):
        changed(cloud, ITEMS, found, resource={**found.inputs["resource"], "uniqueKeyPolicy": {"uniqueKeys": []}})
    expiring = {"id": "orders", "partitionKey": {"paths": ["/tenant"]}, "defaultTtl": -1}
    assert changed(cloud, ITEMS, found, resource=expiring).inputs["resource"] == expiring


def test_a_subscription_requires_sessions_from_the_first_or_never(cloud: FileCloud) -> None:
    where = {"namespaceName": "orders", "topicName": "orders", "subscriptionName": "orders"}
    made(cloud, BUS, **where)
    made(cloud, TOPIC, **where)
    found = made(cloud, SUBSCRIBED, **where, requiresSession=True)
    with pytest.raises(CloudError, match="requiring sessions cannot be changed"):
        changed(cloud, SUBSCRIBED, found, requiresSession=False)


def test_purge_protection_stays_on_where_nothing_is_said_of_it(cloud: FileCloud) -> None:
    found = vault(cloud, enablePurgeProtection=True)
    changed(cloud, VAULT, found, properties={})


def test_a_refusal_leaves_everything_as_it_was(cloud: FileCloud) -> None:
    before = json.loads(cloud.path.read_text())
    with pytest.raises(CloudError):
        made(cloud, GROUP)
    assert json.loads(cloud.path.read_text()) == before
