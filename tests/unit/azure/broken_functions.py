"""How the system is broken for each rule about apps on Flex Consumption, and about data."""

from __future__ import annotations

from collections.abc import Mapping

from tests.breaking import changed, retyped, unordered, without
from tests.unit.azure.breaking import told
from tests.unit.azure.broken_access import APP, ROLE, Case

ACCOUNT, CONTAINER = "cosmosdb.DatabaseAccount", "cosmosdb.SqlResourceSqlContainer"

FUNCTIONS: Mapping[str, Case] = {
    "site_setting_that_flex_refuses": (
        "dev",
        changed(APP, "relay", "siteConfig.netFrameworkVersion", "v4.6"),
        "relay: siteConfig.netFrameworkVersion",
    ),
    "setting_that_flex_refuses": (
        "dev",
        told("relay", "FUNCTIONS_WORKER_RUNTIME", "python"),
        "relay: the setting FUNCTIONS_WORKER_RUNTIME",
    ),
    "settings_made_apart": (
        "dev",
        retyped("web.WebAppFtpAllowed", "relay-ftp", "azure-native:web:WebAppApplicationSettings"),
        "relay-ftp takes away the settings",
    ),
    "plan_of_two_apps": (
        "dev",
        lambda graph: changed(APP, "relay", "serverFarmId", graph.one(APP, "fulfil").inputs["serverFarmId"])(graph),
        "relay shares its plan",
    ),
    "app_as_nobody": ("dev", told("relay", "COSMOS__clientId", None), "relay uses COSMOS as nobody"),
    "identity_of_two_apps": (
        "dev",
        lambda graph: changed(APP, "relay", "identity", graph.one(APP, "fulfil").inputs["identity"])(graph),
        "relay is somebody else too",
    ),
    "host_without_its_storage": (
        "dev",
        without(ROLE, "relay-storage-blob-data-owner"),
        "relay may not use its storage account when it starts",
    ),
    "package_without_its_container": (
        "dev",
        without("storage.BlobContainer", "relay-packages"),
        "relay does not wait for the container of its package",
    ),
    "hosts_of_one_id": (
        "dev",
        lambda graph: told(
            "fulfil",
            "AzureWebJobsStorage__accountName",
            graph.one("storage.StorageAccount", "relay-app").inputs["accountName"],
        )(changed(APP, "relay|fulfil", "name", "orderly-with-a-name-that-is-so-long")(graph)),
        "2 apps on",
    ),
    "task_hub_of_other_characters": (
        "scheduler",
        told("order-workflow", "TASKHUB_NAME", "order-dev"),
        "order-workflow: the task hub order-dev",
    ),
    "whereabouts_of_runs_in_a_setting": (
        "scheduler",
        told("order-workflow", "AzureFunctionsJobHost__extensions__durableTask__storageProvider__type", "azureManaged"),
        "order-workflow: AzureFunctionsJobHost__extensions__durableTask__storageProvider__type is not seen",
    ),
    "runs_that_are_kept_nowhere": (
        "scheduler",
        without(ROLE, "order-task-hub"),
        "order-workflow may not keep its runs: it has no DURABLE_TASK_DATA_CONTRIBUTOR",
    ),
    "app_without_its_code": ("dev", without("Package", "relay"), "nothing is published to relay"),
    "capacity_of_what_is_serverless": (
        "dev",
        changed(CONTAINER, "orders-orders", "options", {"throughput": 400}),
        "orders-orders asks for a capacity; orders is serverless",
    ),
    "capacity_that_nobody_said": (
        "dev",
        changed(ACCOUNT, "orders", "capabilities", []),
        "orders is not serverless, and nothing says its capacity",
    ),
    "capacity_that_is_no_thousand": (
        "dev",
        changed(CONTAINER, "orders-orders", "options", {"autoscaleSettings": {"maxThroughput": 1500}}),
        "orders-orders grows to 1500",
    ),
    "changes_at_once": (
        "dev",
        unordered(CONTAINER, "orders-ledger", besides=CONTAINER),
        "orders-ledger and",
    ),
    "bucket_open_to_the_public": (
        "dev",
        changed("storage.BlobContainer", "event-archive", "publicAccess", "Blob"),
        "event-archive is public",
    ),
    "vault_that_cannot_be_taken_back": (
        "partners",
        changed("keyvault.Vault", "orderly", "properties.enableSoftDelete", False),
        "orderly is gone with all its secrets",
    ),
}
