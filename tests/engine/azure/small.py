"""A program of single resources on Azure, one of each sort that the tests of the provider look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_azure_native as azure

from components.azure._names import guid
from components.azure._publish import Package
from components.azure._roles import Role
from tests.azure.computed import TENANT
from tests.azure.outputs import SUBSCRIPTION

LOCATION = "westeurope"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/orders"
APP = "orders-app"
STANDARD = azure.servicebus.SBSkuArgs(name=azure.servicebus.SkuName.STANDARD, tier=azure.servicebus.SkuTier.STANDARD)
SECRET = "the-secret-of-the-webhook"  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class Small:
    """A program: the resources that the tests look at."""

    package: Path
    memory: int = 512
    duplicates: bool = True
    partition: str = "/tenant"
    value: str = SECRET
    recover: bool = False
    protect: bool = False

    def __call__(self, _: str) -> None:
        provider = azure.Provider("azure", subscription_id=SUBSCRIPTION, tenant_id=TENANT, location=LOCATION)
        opts = pulumi.ResourceOptions(provider=provider)
        group = azure.resources.ResourceGroup("group", resource_group_name="orders", location=LOCATION, opts=opts)
        self._messages(group, opts)
        self._code(group, opts)
        self._orders(group, opts)
        self._vault(group, opts)

    def _messages(self, group: azure.resources.ResourceGroup, opts: pulumi.ResourceOptions) -> None:
        bus = azure.servicebus.Namespace(
            "bus",
            resource_group_name=group.name,
            location=LOCATION,
            namespace_name="orders-bus",
            sku=STANDARD,
            opts=opts,
        )
        queue = azure.servicebus.Queue(
            "queue",
            resource_group_name=group.name,
            namespace_name=bus.name,
            queue_name="orders",
            lock_duration="PT1M",
            requires_duplicate_detection=self.duplicates,
            opts=opts,
        )
        topic = azure.eventgrid.Topic(
            "topic",
            resource_group_name=group.name,
            location=LOCATION,
            topic_name="orders-topic",
            input_schema="CloudEventSchemaV1_0",
            identity=azure.eventgrid.IdentityInfoArgs(type="SystemAssigned"),
            opts=opts,
        )
        sender = topic.identity.apply(lambda identity: str(identity and identity.principal_id))
        role = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
        azure.authorization.RoleAssignment(
            "sender",
            scope=queue.id,
            principal_id=sender,
            principal_type="ServicePrincipal",
            role_definition_id=f"{role}/{Role.SERVICE_BUS_SENDER}",
            role_assignment_name=sender.apply(lambda principal: guid("sender", principal)),
            opts=opts,
        )
        pulumi.export("sender", sender)

    def _code(self, group: azure.resources.ResourceGroup, opts: pulumi.ResourceOptions) -> None:
        identity = azure.managedidentity.UserAssignedIdentity(
            "identity", resource_group_name=group.name, location=LOCATION, resource_name_="orders", opts=opts
        )
        plan = azure.web.AppServicePlan(
            "plan",
            resource_group_name=group.name,
            location=LOCATION,
            name="orders",
            kind="functionapp",
            reserved=True,
            sku=azure.web.SkuDescriptionArgs(name="FC1", tier="FlexConsumption"),
            opts=opts,
        )
        app = azure.web.WebApp(
            "app",
            resource_group_name=group.name,
            location=LOCATION,
            name=APP,
            kind="functionapp,linux",
            server_farm_id=plan.id,
            identity=azure.web.ManagedServiceIdentityArgs(
                type=azure.web.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[identity.id]
            ),
            function_app_config=azure.web.FunctionAppConfigArgs(
                scale_and_concurrency=azure.web.FunctionsScaleAndConcurrencyArgs(instance_memory_mb=self.memory)
            ),
            opts=opts,
        )
        azure.web.WebAppScmAllowed("passwords", resource_group_name=group.name, name=app.name, allow=False, opts=opts)
        Package(
            "code",
            app=app.name,
            address=pulumi.Output.concat("https://", app.name, ".scm.azurewebsites.net"),
            package=self.package,
            tenant=TENANT,
            opts=pulumi.ResourceOptions(),
        )
        pulumi.export(
            "assigned", app.identity.apply(lambda found: list((found and found.user_assigned_identities) or ()))
        )

    def _orders(self, group: azure.resources.ResourceGroup, opts: pulumi.ResourceOptions) -> None:
        account = azure.cosmosdb.DatabaseAccount(
            "account",
            resource_group_name=group.name,
            location=LOCATION,
            account_name="orders-data",
            database_account_offer_type=azure.cosmosdb.DatabaseAccountOfferType.STANDARD,
            locations=[azure.cosmosdb.LocationArgs(location_name=LOCATION, failover_priority=0)],
            opts=opts,
        )
        database = azure.cosmosdb.SqlResourceSqlDatabase(
            "database",
            resource_group_name=group.name,
            account_name=account.name,
            database_name="orders",
            resource=azure.cosmosdb.SqlDatabaseResourceArgs(id="orders"),
            opts=opts,
        )
        key = azure.cosmosdb.ContainerPartitionKeyArgs(paths=[self.partition], kind="Hash", version=2)
        azure.cosmosdb.SqlResourceSqlContainer(
            "container",
            resource_group_name=group.name,
            account_name=account.name,
            database_name=database.name,
            container_name="orders",
            resource=azure.cosmosdb.SqlContainerResourceArgs(id="orders", partition_key=key),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=self.protect)),
        )

    def _vault(self, group: azure.resources.ResourceGroup, opts: pulumi.ResourceOptions) -> None:
        vault = azure.keyvault.Vault(
            "vault",
            resource_group_name=group.name,
            location=LOCATION,
            vault_name="orders-vault",
            properties=azure.keyvault.VaultPropertiesArgs(
                tenant_id=TENANT,
                sku=azure.keyvault.SkuArgs(family="A", name=azure.keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                create_mode=azure.keyvault.CreateMode.RECOVER if self.recover else None,
            ),
            opts=opts,
        )
        azure.keyvault.Secret(
            "secret",
            resource_group_name=group.name,
            vault_name=vault.name,
            secret_name="webhook",  # noqa: S106
            properties=azure.keyvault.SecretPropertiesArgs(value=pulumi.Output.secret(self.value)),
            opts=opts,
        )
