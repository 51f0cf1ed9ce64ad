"""Apps that Flex Consumption refuses, or whose host does not start."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from components.azure._roles import Role
from tests.azure.landscape import Landscape, settings
from tests.graph import Resource

REFUSED_SITE_SETTINGS = frozenset(
    {"alwaysOn", "functionAppScaleLimit", "linuxFxVersion", "localMySqlEnabled", "netFrameworkVersion", "pythonVersion"}
)
"""web.SiteConfigArgs sends two of them by itself."""
REFUSED_SETTINGS = re.compile(
    "FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|WEBSITE_RUN_FROM_PACKAGE|SCM_DO_BUILD_DURING_DEPLOYMENT|"
    "ENABLE_ORYX_BUILD|WEBSITE_CONTENT.*|WEBSITE_TIME_ZONE|TZ|AzureWebJobsStorage"
)
"""learn.microsoft.com/azure/azure-functions/functions-app-settings; the last one asks for a key."""
HOST_ID = 32
"""How many characters of an app's name its host goes by."""
WHEREABOUTS = re.compile("AzureFunctionsJobHost__extensions__durableTask__(hubName|storageProvider__.+)")
STORAGE = "AzureWebJobsStorage__accountName"


def site_setting_that_flex_refuses(land: Landscape) -> Iterator[str]:
    for app in land.of("web.WebApp"):
        for name in sorted(REFUSED_SITE_SETTINGS & app.inputs.get("siteConfig", {}).keys()):
            yield f"{app.name}: siteConfig.{name} is refused"


def setting_that_flex_refuses(land: Landscape) -> Iterator[str]:
    for app in land.of("web.WebApp"):
        for name in sorted(settings(app)):
            if REFUSED_SETTINGS.fullmatch(name):
                yield f"{app.name}: the setting {name} is refused"


def settings_made_apart(land: Landscape) -> Iterator[str]:
    """A resource of settings replaces all that the app has."""
    for resource in land.of("web.WebAppApplicationSettings"):
        yield f"{resource.name} takes away the settings that the app was made with"


def plan_of_two_apps(land: Landscape) -> Iterator[str]:
    plans = {found.id for found in land.of("web.AppServicePlan")}
    times = Counter(app.inputs.get("serverFarmId") for app in land.of("web.WebApp"))
    for app in land.of("web.WebApp"):
        plan = app.inputs.get("serverFarmId")
        if plan not in plans:
            yield f"{app.name} is on no plan that is here"
        elif times[plan] > 1:
            yield f"{app.name} shares its plan; a plan of Flex Consumption has one app"


def app_as_nobody(land: Landscape) -> Iterator[str]:
    """The deployment, references to secrets and each connection say which identity they use, else there is none."""
    for app in land.of("web.WebApp"):
        identities = list(app.inputs.get("identity", {}).get("userAssignedIdentities", ()))
        if len(identities) != 1:
            yield f"{app.name} has {len(identities)} identities; it needs one of its own"
            continue
        if app.inputs.get("keyVaultReferenceIdentity") != identities[0]:
            yield f"{app.name} reads secrets as nobody: keyVaultReferenceIdentity is not its identity"
        authentication = app.inputs["functionAppConfig"]["deployment"]["storage"].get("authentication", {})
        if authentication.get("userAssignedIdentityResourceId") != identities[0]:
            yield f"{app.name} reads its package as nobody"
        yield from _connections_as_nobody(app, land.client(app))


def identity_of_two_apps(land: Landscape) -> Iterator[str]:
    """What one may, the other may."""
    times = Counter(land.principal(app) for app in land.of("web.WebApp"))
    for app in land.of("web.WebApp"):
        if times[land.principal(app)] > 1:
            yield f"{app.name} is somebody else too"


def host_without_its_storage(land: Landscape) -> Iterator[str]:
    """403 at the first start, and at publishing."""
    for app in land.of("web.WebApp"):
        account = land.named("storage.StorageAccount", "accountName", settings(app).get(STORAGE))
        if account is None:
            yield f"{app.name} has no storage account"
        elif not land.waits_for(app, Role.BLOB_DATA_OWNER, on=account.id, to=land.principal(app)):
            yield f"{app.name} may not use its storage account when it starts"


def package_without_its_container(land: Landscape) -> Iterator[str]:
    """Azure looks for it while the app is made."""
    containers = {
        f"https://{each.inputs['accountName']}.blob.core.windows.net/{each.inputs['containerName']}": each
        for each in land.of("storage.BlobContainer")
    }
    for app in land.of("web.WebApp"):
        container = containers.get(app.inputs["functionAppConfig"]["deployment"]["storage"]["value"])
        if container is None or not land.graph.comes_after(app, container):
            yield f"{app.name} does not wait for the container of its package"


def hosts_of_one_id(land: Landscape) -> Iterator[str]:
    """On one storage account they take each other's locks."""
    times = Counter((settings(app).get(STORAGE), app.inputs["name"][:HOST_ID]) for app in land.of("web.WebApp"))
    for (account, name), number in times.items():
        if number > 1:
            yield f"{number} apps on {account} begin with {name}"


def whereabouts_of_runs_in_a_setting(land: Landscape) -> Iterator[str]:
    """Who starts instances reads host.json alone (github.com/Azure/azure-functions-durable-extension/issues/2622)."""
    for app in land.of("web.WebApp"):
        for name in sorted(settings(app)):
            if WHEREABOUTS.fullmatch(name):
                yield f"{app.name}: {name} is not seen by who starts its instances"


def task_hub_of_other_characters(land: Landscape) -> Iterator[str]:
    """The host does not start."""
    for app in land.of("web.WebApp"):
        hub = settings(app).get("TASKHUB_NAME")
        if hub is not None and not re.fullmatch("[A-Za-z][A-Za-z0-9]{2,44}", hub):
            yield f"{app.name}: the task hub {hub} is not 3 to 45 letters and digits"


def runs_that_are_kept_nowhere(land: Landscape) -> Iterator[str]:
    """In its storage account the back end has queues and tables; in a scheduler it has a hub."""
    for app in (each for each in land.of("web.WebApp") if settings(each)["ORDERLY_HANDLER"] == "workflow"):
        if "DURABLE_TASK_SCHEDULER_CONNECTION_STRING" in settings(app):
            needed = [(Role.DURABLE_TASK_DATA_CONTRIBUTOR, hub) for hub in land.of("durabletask.TaskHub")]
        else:
            account = land.named("storage.StorageAccount", "accountName", settings(app).get(STORAGE))
            roles = (Role.QUEUE_DATA_CONTRIBUTOR, Role.TABLE_DATA_CONTRIBUTOR)
            needed = [(role, account) for role in roles if account]
        if not needed:
            yield f"{app.name} has nowhere to keep its runs"
        for role, on in needed:
            if not land.waits_for(app, role, on=on.id, to=land.principal(app)):
                yield f"{app.name} may not keep its runs: it has no {role.name} on {on.name}"


def app_without_its_code(land: Landscape) -> Iterator[str]:
    packages = {each.inputs["app"]: each for each in land.graph.of("Package").values()}
    for app in land.of("web.WebApp"):
        package = packages.get(app.inputs["name"])
        if package is None or not land.graph.comes_after(package, app):
            yield f"nothing is published to {app.name} once it is there"


def _connections_as_nobody(app: Resource, client: str) -> Iterator[str]:
    told = settings(app)
    for name in sorted(each for each in told if each.endswith("__credential")):
        connection = name.removesuffix("__credential")
        if told[name] != "managedidentity" or told.get(f"{connection}__clientId") != client:
            yield f"{app.name} uses {connection} as nobody"
    if told.get("AZURE_CLIENT_ID") != client:
        yield f"{app.name}: the SDK's clients come as nobody without AZURE_CLIENT_ID"


RULES = (
    site_setting_that_flex_refuses,
    setting_that_flex_refuses,
    settings_made_apart,
    plan_of_two_apps,
    app_as_nobody,
    identity_of_two_apps,
    host_without_its_storage,
    package_without_its_container,
    hosts_of_one_id,
    task_hub_of_other_characters,
    whereabouts_of_runs_in_a_setting,
    runs_that_are_kept_nowhere,
    app_without_its_code,
)
