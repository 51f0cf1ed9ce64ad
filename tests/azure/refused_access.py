"""Who may do too much, and who may not do what it is there for when it begins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from components.azure._roles import Role
from tests.azure.landscape import Landscape, last_part, settings
from tests.graph import Resource
from tests.limit import leaves

TOO_MUCH: Mapping[str, str] = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "00000000-0000-0000-0000-000000000002": "Cosmos DB's built-in Data Contributor",
}
KEYS = re.compile(r"AccountKey=|SharedAccessKey|SharedAccessSignature|DefaultEndpointsProtocol=|[?&;]sig=", re.I)
WITHOUT_KEYS: Mapping[str, tuple[str, object]] = {
    "storage.StorageAccount": ("allowSharedKeyAccess", False),
    "servicebus.Namespace": ("disableLocalAuth", True),
    "eventgrid.Topic": ("disableLocalAuth", True),
    "cosmosdb.DatabaseAccount": ("disableLocalAuth", True),
    "applicationinsights.Component": ("disableLocalAuth", True),
}
"""By kind, the input that turns its keys off, and how."""
PASSWORDS = ("web.WebAppScmAllowed", "web.WebAppFtpAllowed")


def role_of_everything(land: Landscape) -> Iterator[str]:
    for grant in land.grants:
        if grant.role in TOO_MUCH:
            yield f"{grant.made.name} grants {TOO_MUCH[grant.role]}"


def role_on_the_whole_group(land: Landscape) -> Iterator[str]:
    for grant in land.grants:
        if re.fullmatch(r"/subscriptions/[^/]+(/resourceGroups/[^/]+)?/?", grant.on):
            yield f"{grant.made.name} is on {grant.on}; it has to be on one resource"


def role_on_what_is_not_here(land: Landscape) -> Iterator[str]:
    """The scope of a role on data is a path of the account's own, which has another shape than identifiers have."""
    for grant in land.grants:
        if grant.made.kind == "authorization.RoleAssignment" and land.at(grant.on) is None:
            yield f"{grant.made.name} is on {grant.on}, which is not here"


def role_granted_twice(land: Landscape) -> Iterator[str]:
    """RoleAssignmentExists: under another name, the same one is a conflict."""
    times = Counter((found.principal, found.role, found.on) for found in land.grants)
    for grant in land.grants:
        if times[grant.principal, grant.role, grant.on] > 1:
            yield f"{grant.made.name} grants what another grants"


def role_of_nobody(land: Landscape) -> Iterator[str]:
    """PrincipalNotFound, or a right that nobody has."""
    buses = {str(found.state["identity"]["principalId"]) for found in land.of("eventgrid.Topic")}
    for grant in land.grants:
        if grant.principal not in buses and land.by_principal(grant.principal) is None:
            yield f"{grant.made.name} is to {grant.principal}, whom nothing here acts as"


def data_role_by_the_wrong_path(land: Landscape) -> Iterator[str]:
    """Cosmos DB's data has `/dbs/D/colls/C`, not the identifiers of its resources."""
    accounts = {found.inputs["accountName"]: found.id for found in land.of("cosmosdb.DatabaseAccount")}
    databases = {last_part(found.id) for found in land.of("cosmosdb.SqlResourceSqlDatabase")}
    containers = {last_part(found.id) for found in land.of("cosmosdb.SqlResourceSqlContainer")}
    for made in land.of("cosmosdb.SqlResourceSqlRoleAssignment"):
        path = made.inputs["scope"].removeprefix(str(accounts.get(made.inputs["accountName"])))
        found = re.fullmatch(r"/dbs/([^/]+)(?:/colls/([^/]+))?", path)
        if found is None:
            yield f"{made.name} is on {path}; data is at /dbs/D or /dbs/D/colls/C"
        elif found[1] not in databases or found[2] not in {None, *containers}:
            yield f"{made.name} is on {path}, which is not here"


def key_in_an_input(land: Landscape) -> Iterator[str]:
    """A key, a shared access signature or a connection string that has one."""
    for resource in land.graph:
        for path, value in leaves(resource.inputs, ""):
            if KEYS.search(str(value)):
                yield f"{resource.kind} {resource.name} has a key at {path}"


def service_that_takes_keys(land: Landscape) -> Iterator[str]:
    for kind, (name, wanted) in WITHOUT_KEYS.items():
        for found in land.of(kind):
            if found.inputs.get(name) is not wanted:
                yield f"{found.name} takes keys: {name} has to be {wanted}"


def app_that_takes_passwords(land: Landscape) -> Iterator[str]:
    """By default an app has a user and a password that may publish code."""
    for app in land.of("web.WebApp"):
        for kind in PASSWORDS:
            closed = land.named(kind, "name", app.inputs["name"])
            if closed is None or closed.inputs.get("allow") is not False:
                yield f"{app.name} takes a password: it has no {kind} that says no"


def vault_without_roles(land: Landscape) -> Iterator[str]:
    """The SDK's class of arguments says by default that roles count for nothing."""
    for vault in land.of("keyvault.Vault"):
        if vault.inputs["properties"].get("enableRbacAuthorization") is not True:
            yield f"{vault.name} looks at access policies, so the roles on its secrets open nothing"


def app_before_what_it_may(land: Landscape) -> Iterator[str]:
    """A role takes minutes to be known everywhere; a host that starts without it answers 403."""
    for app in (*land.of("web.WebApp"), *land.of("logic.Workflow")):
        for grant in land.grants:
            if grant.principal == land.principal(app) and not land.graph.comes_after(app, grant.made):
                yield f"{app.name} does not wait for {grant.made.kind} {grant.made.name}"


def secret_not_let_read(land: Landscape) -> Iterator[str]:
    """The setting then has its reference for a value."""
    for app in land.of("web.WebApp"):
        for name, value in settings(app).items():
            mounted = re.fullmatch(r"@Microsoft\.KeyVault\(VaultName=([^;]+);SecretName=([^;)]+)\)", value)
            if value.startswith("@Microsoft.KeyVault") and not (mounted and _may_read(land, app, *mounted.groups())):
                yield f"{app.name} may not read {name} when it starts"


def feed_without_its_leases(land: Landscape) -> Iterator[str]:
    """As an identity a trigger may not make the container itself, and takes none of another key."""
    for grant in land.grants:
        account, _, name = grant.on.partition("/colls/")
        if name != "leases" or not account:
            continue
        for app in land.of("web.WebApp"):
            if land.principal(app) == grant.principal:
                yield from _without_leases(land, app)


def _without_leases(land: Landscape, app: Resource) -> Iterator[str]:
    leases = land.named("cosmosdb.SqlResourceSqlContainer", "containerName", "leases")
    if leases is None or not land.graph.comes_after(app, leases):
        yield f"{app.name} does not wait for a container of leases"
    elif leases.inputs["resource"]["partitionKey"]["paths"] != ["/id"]:
        yield f"{app.name}: a container of leases is partitioned by /id"


def _may_read(land: Landscape, app: Resource, vault: str, name: str) -> bool:
    for secret in land.of("keyvault.Secret"):
        if (secret.inputs["vaultName"], secret.inputs["secretName"]) == (vault, name):
            is_there = land.graph.comes_after(app, secret)
            return is_there and land.waits_for(app, Role.SECRETS_USER, on=secret.id, to=land.principal(app))
    return False


RULES = (
    role_of_everything,
    role_on_the_whole_group,
    role_on_what_is_not_here,
    role_granted_twice,
    role_of_nobody,
    data_role_by_the_wrong_path,
    key_in_an_input,
    service_that_takes_keys,
    app_that_takes_passwords,
    vault_without_roles,
    app_before_what_it_may,
    secret_not_let_read,
    feed_without_its_leases,
)
