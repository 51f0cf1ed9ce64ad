"""How the system is broken for each rule about what is allowed, and about who is let call whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tests.breaking import Break, changed, twice, unordered, without
from tests.unit.azure.breaking import readable, told

APP, ROLE, SIGN_IN = "web.WebApp", "authorization.RoleAssignment", "web.WebAppAuthSettingsV2"
DATA_ROLE = "cosmosdb.SqlResourceSqlRoleAssignment"
ENTRA = "identityProviders.azureActiveDirectory"
POLICY = f"{ENTRA}.validation.defaultAuthorizationPolicy"
NOBODY = "00000000-0000-0000-0000-00000000dead"
OWNER = "/subscriptions/S/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
Case: TypeAlias = tuple[str, Break, str]
"""The form of the system, how it is broken, and what is said of it."""

ACCESS: Mapping[str, Case] = {
    "role_of_everything": (
        "dev",
        changed(ROLE, "relay-storage-blob-data-owner", "roleDefinitionId", OWNER),
        "relay-storage-blob-data-owner grants Owner",
    ),
    "role_on_the_whole_group": (
        "dev",
        changed(ROLE, "relay-telemetry", "scope", "/subscriptions/S/resourceGroups/orderly"),
        "relay-telemetry is on /subscriptions/S/resourceGroups/orderly",
    ),
    "role_on_what_is_not_here": (
        "dev",
        without("servicebus.Queue", "orders-feed-dead-letters"),
        "queues/orders-feed-dead-letters, which is not here",
    ),
    "role_granted_twice": ("dev", twice(ROLE, "relay-telemetry"), "relay-telemetry grants what another grants"),
    "role_of_nobody": (
        "dev",
        changed(ROLE, "relay-telemetry", "principalId", NOBODY),
        f"relay-telemetry is to {NOBODY}",
    ),
    "data_role_by_the_wrong_path": (
        "dev",
        lambda graph: changed(
            DATA_ROLE,
            "orders-relay-orders-follow",
            "scope",
            graph.one(DATA_ROLE, "orders-relay-orders-follow").inputs["scope"].replace("/dbs/", "/sqlDatabases/"),
        )(graph),
        "orders-relay-orders-follow is on /sqlDatabases/orders",
    ),
    "key_in_an_input": (
        "dev",
        told("relay", "BUS", "Endpoint=sb://b.example/;SharedAccessKeyName=n;SharedAccessKey=k"),
        "web.WebApp relay has a key at siteConfig.appSettings",
    ),
    "service_that_takes_keys": (
        "dev",
        changed("servicebus.Namespace", "orderly", "disableLocalAuth", None),
        "orderly takes keys: disableLocalAuth",
    ),
    "app_that_takes_passwords": (
        "dev",
        changed("web.WebAppFtpAllowed", "relay-ftp", "allow", True),
        "relay takes a password",
    ),
    "vault_without_roles": (
        "partners",
        changed("keyvault.Vault", "orderly", "properties.enableRbacAuthorization", False),
        "orderly looks at access policies",
    ),
    "app_before_what_it_may": (
        "dev",
        unordered(APP, "relay", besides=ROLE),
        "relay does not wait for authorization.RoleAssignment relay-telemetry",
    ),
    "secret_not_let_read": (
        "partners",
        unordered(APP, "payment-tasks", besides=ROLE),
        "payment-tasks may not read ORDERLY_SECRET_PAYMENT_API_KEY",
    ),
    "feed_without_its_leases": (
        "dev",
        changed("cosmosdb.SqlResourceSqlContainer", "orders-leases", "resource.partitionKey.paths", ["/lease"]),
        "relay: a container of leases is partitioned by /id",
    ),
    "app_that_lets_everybody_in": (
        "dev",
        without(SIGN_IN, "order-tasks"),
        "order-tasks does not ask its callers who they are",
    ),
    "caller_besides_those_granted": (
        "dev",
        changed(SIGN_IN, "order-tasks", f"{POLICY}.allowedPrincipals.identities", []),
        "order-tasks lets in other identities",
    ),
    "list_of_callers_too_long": (
        "dev",
        changed(SIGN_IN, "order-tasks", f"{POLICY}.allowedApplications", [NOBODY] * 14),
        "order-tasks names 14 callers",
    ),
    "token_of_another_tenant": (
        "dev",
        changed(SIGN_IN, "order-tasks", f"{ENTRA}.registration.openIdIssuer", "https://sts.windows.net/t/"),
        "order-tasks believes the issuer https://sts.windows.net/t/",
    ),
    "code_before_its_callers_are_told_apart": (
        "dev",
        unordered("Package", "order-tasks", besides=SIGN_IN),
        "order-tasks is published before",
    ),
    "task_not_let_in": (
        "dev",
        told("order-tasks", "ORDERLY_CALLERS", None),
        "order-workflow is not let in by order-tasks, which performs",
    ),
    "start_not_let_in": (
        "dev",
        told("order-workflow", "ORDERLY_CALLERS", NOBODY),
        "fulfil is not let in by order-workflow, which starts runs",
    ),
    "call_without_an_audience": (
        "dev",
        told("fulfil", "ORDERLY_AUDIENCE", None),
        "fulfil calls others",
    ),
    "secret_in_the_state": (
        "partners",
        readable("keyvault.Secret", "payment-api-key"),
        "payment-api-key can be read in the state",
    ),
}
