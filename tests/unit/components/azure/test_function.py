"""What only apps on Flex Consumption have: storage of their own, callers, no password, and code that comes last."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pulumi
import pytest

from components.azure._app import FunctionApp
from components.errors import WiringError
from components.function import Function, FunctionArgs
from components.queue import Queue
from components.secret import Secret, SecretArgs
from functions.environment import Variable
from tests.azure.reading import principal_of, settings
from tests.graph import Graph, Resource
from tests.unit.components.azure.access import May, may
from tests.unit.components.azure.place import BLOCK
from tests.unit.components.making import QUEUE, Make, function_args, made_alone

FORBIDDEN = re.compile(
    r"FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|WEBSITE_.*|SCM_DO_BUILD_DURING_DEPLOYMENT|ENABLE_ORYX_BUILD|TZ|"
    r"AzureWebJobsStorage"
)
"""Settings that Flex Consumption refuses, or that would be a connection by key."""


@pytest.fixture(scope="module")
def graph() -> Graph:
    """A function with a secret, and one that calls it."""

    def wire(make: Make) -> None:
        secret = make(Secret, "word", SecretArgs(value=pulumi.Output.secret("of-the-day")))
        called = make(Function, "pack", function_args(secret.reader(Variable.PAYMENT_SECRET)))
        caller = make(Function, "caller", function_args())
        called.grant_invoke(caller.identity)
        called.grant_invoke(caller.identity)

    return made_alone("azure", wire)


@pytest.fixture
def app(graph: Graph) -> Resource:
    return graph.one("web.WebApp", "pack")


def one(args: FunctionArgs, **azure: object) -> Resource:
    def wire(make: Make) -> None:
        make(Function, "pack", args)

    return made_alone("azure", wire, azure={**BLOCK, **azure}).one("web.WebApp", "pack")


def test_an_app_has_a_plan_of_flex_consumption_for_itself(graph: Graph, app: Resource) -> None:
    plans = graph.of("web.AppServicePlan")
    assert {each.inputs["serverFarmId"] for each in graph.of("web.WebApp").values()} == {
        each.id for each in plans.values()
    }
    assert plans["pack"].inputs["sku"] == {"name": "FC1", "tier": "FlexConsumption"}
    assert plans["pack"].inputs["reserved"] is True
    assert (app.inputs["kind"], app.inputs["httpsOnly"]) == ("functionapp,linux", True)


def test_it_runs_the_python_that_its_package_was_built_for(app: Resource) -> None:
    assert app.inputs["functionAppConfig"]["runtime"] == {"name": "python", "version": "3.13"}


def test_its_configuration_has_nothing_that_flex_refuses(app: Resource) -> None:
    assert app.inputs["siteConfig"].keys() <= {
        "appSettings",
        "http20Enabled",
        "ipSecurityRestrictionsDefaultAction",
        "minTlsVersion",
        "scmIpSecurityRestrictionsUseMain",
    }
    assert not [name for name in settings(app) if FORBIDDEN.fullmatch(name)]


def test_it_acts_as_an_identity_of_its_own_and_reads_secrets_as_it(graph: Graph, app: Resource) -> None:
    identity = graph.one("managedidentity.UserAssignedIdentity", "pack")
    assert app.inputs["identity"] == {"type": "UserAssigned", "userAssignedIdentities": [identity.id]}
    assert app.inputs["keyVaultReferenceIdentity"] == identity.id
    assert settings(app)["AZURE_CLIENT_ID"] == identity.state["clientId"]


def test_its_host_starts_from_an_account_of_its_own_that_has_no_keys(graph: Graph, app: Resource) -> None:
    account, told = graph.one("storage.StorageAccount", "pack-app"), settings(app)
    assert told["AzureWebJobsStorage__accountName"] == account.inputs["accountName"]
    assert told["AzureWebJobsStorage__credential"] == "managedidentity"
    assert told["AzureWebJobsStorage__clientId"] == told["AZURE_CLIENT_ID"]
    assert account.inputs["allowSharedKeyAccess"] is False
    storage = app.inputs["functionAppConfig"]["deployment"]["storage"]
    assert storage["value"] == f"https://{account.inputs['accountName']}.blob.core.windows.net/packages"
    assert storage["authentication"] == {
        "type": "UserAssignedIdentity",
        "userAssignedIdentityResourceId": graph.one("managedidentity.UserAssignedIdentity", "pack").id,
    }


def test_it_may_own_its_account_read_its_secret_tell_of_itself_and_no_more(graph: Graph) -> None:
    """In an account that apps share, each could put another's code in place."""
    assert may(graph, "pack") == {
        May(role="BLOB_DATA_OWNER", on="storage.StorageAccount/pack-app"),
        May(role="METRICS_PUBLISHER", on="applicationinsights.Component/alone"),
        May(role="SECRETS_USER", on="keyvault.Secret/word"),
    }


def test_it_is_not_made_before_it_may_do_what_it_does(graph: Graph, app: Resource) -> None:
    assigned = [
        found
        for found in graph.of("authorization.RoleAssignment").values()
        if found.inputs["principalId"] == principal_of(graph, app)
    ]
    assert len(assigned) == 3
    assert all(graph.comes_after(app, found) for found in assigned)
    assert graph.comes_after(app, graph.one("storage.BlobContainer", "pack-packages"))


def test_roles_are_assigned_by_names_that_follow_from_whom_what_and_where(graph: Graph) -> None:
    assigned = graph.of("authorization.RoleAssignment").values()
    named = {
        (found.inputs["principalId"], found.inputs["roleDefinitionId"], found.inputs["scope"]): found.inputs[
            "roleAssignmentName"
        ]
        for found in assigned
    }
    assert len(set(named.values())) == len(named) == len(assigned)
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f-]{17}", name) for name in named.values())
    assert {found.inputs["principalType"] for found in assigned} == {"ServicePrincipal"}


def test_whoever_was_let_call_it_is_let_in_and_nobody_else(graph: Graph, app: Resource) -> None:
    caller = graph.one("managedidentity.UserAssignedIdentity", "caller").state
    found = graph.one("web.WebAppAuthSettingsV2", "pack").inputs
    assert found["platform"] == {"enabled": True}
    assert found["globalValidation"] == {"requireAuthentication": True, "unauthenticatedClientAction": "Return401"}
    entra = found["identityProviders"]["azureActiveDirectory"]
    assert entra["registration"] == {
        "clientId": "bbbbbbbb-cccc-dddd-eeee-ffffffffffff",
        "openIdIssuer": "https://login.microsoftonline.com/66666666-7777-8888-9999-aaaaaaaaaaaa/v2.0",
    }
    assert entra["validation"]["defaultAuthorizationPolicy"] == {
        "allowedApplications": [caller["clientId"]],
        "allowedPrincipals": {"identities": [caller["principalId"]]},
    }
    assert settings(app)["ORDERLY_CALLERS"] == caller["principalId"]
    assert app.inputs["siteConfig"]["ipSecurityRestrictionsDefaultAction"] == "Allow"


def test_an_app_that_nobody_calls_cannot_be_reached(graph: Graph) -> None:
    caller = graph.one("web.WebApp", "caller")
    assert caller.inputs["siteConfig"]["ipSecurityRestrictionsDefaultAction"] == "Deny"
    assert caller.inputs["siteConfig"]["scmIpSecurityRestrictionsUseMain"] is False
    assert "caller" not in graph.of("web.WebAppAuthSettingsV2")
    assert "ORDERLY_CALLERS" not in settings(caller)


def test_nobody_publishes_to_it_by_a_password(graph: Graph, app: Resource) -> None:
    for kind, name in (("web.WebAppScmAllowed", "pack-scm"), ("web.WebAppFtpAllowed", "pack-ftp")):
        inputs = graph.one(kind, name).inputs
        assert (inputs["name"], inputs["allow"]) == (app.inputs["name"], False)


def test_its_code_comes_once_nobody_reaches_it_who_may_not(graph: Graph, app: Resource) -> None:
    code = graph.one("Package", "pack")
    assert code.inputs["app"] == app.inputs["name"]
    assert code.inputs["address"] == f"https://{app.inputs['name']}.scm.azurewebsites.net"
    assert re.fullmatch(r"\.orderly/packages/azure-[0-9a-f]{16}\.zip", code.inputs["package"])
    for kind, name in (("web.WebAppScmAllowed", "pack-scm"), ("web.WebAppFtpAllowed", "pack-ftp")):
        assert graph.comes_after(code, graph.one(kind, name))
    assert graph.comes_after(code, graph.one("web.WebAppAuthSettingsV2", "pack"))


def test_it_is_told_of_a_secret_by_a_reference_that_the_platform_fills_in(graph: Graph, app: Resource) -> None:
    vault = graph.one("keyvault.Vault", "alone").inputs["vaultName"]
    told = settings(app)
    assert told["ORDERLY_PAYMENT_SECRET"] == "ORDERLY_SECRET_WORD"  # noqa: S105 a name
    assert told["ORDERLY_SECRET_WORD"] == f"@Microsoft.KeyVault(VaultName={vault};SecretName=word)"


def test_its_log_is_written_by_identity(graph: Graph, app: Resource) -> None:
    insights, told = graph.one("applicationinsights.Component", "alone"), settings(app)
    assert told["APPLICATIONINSIGHTS_CONNECTION_STRING"] == insights.state["connectionString"]
    assert told["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] == f"ClientId={told['AZURE_CLIENT_ID']};Authorization=AAD"


def test_an_api_behind_its_gateway_keeps_instances_ready_and_grows() -> None:
    args = replace(function_args(), is_awaited=True, memory_mb=2048, warm_instances=3)
    scale = one(args, api_kind="direct", max_instances=7).inputs["functionAppConfig"]["scaleAndConcurrency"]
    assert scale == {
        "instanceMemoryMB": 2048,
        "maximumInstanceCount": 7,
        "alwaysReady": [{"name": "http", "instanceCount": 3}],
        "triggers": {"http": {"perInstanceConcurrency": 16}},
    }


def test_an_instance_has_a_thread_for_each_request_that_it_takes() -> None:
    args = replace(function_args(), is_awaited=True)
    assert settings(one(args, concurrency=4))["PYTHON_THREADPOOL_THREAD_COUNT"] == "4"


def test_open_to_everybody_the_api_is_another_app_on_another_plan() -> None:
    """One that believes what the gateway says of a caller has never been open."""
    args = replace(function_args(), is_awaited=True)
    behind, direct = one(args), one(args, api_kind="direct")
    assert behind.inputs["name"] != direct.inputs["name"]
    assert behind.inputs["serverFarmId"] != direct.inputs["serverFarmId"]


def test_a_call_ends_after_the_functions_timeout() -> None:
    args = replace(function_args(), timeout=timedelta(seconds=90))
    assert settings(one(args))["AzureFunctionsJobHost__functionTimeout"] == "00:01:30"


def test_a_function_that_is_everybodys_is_told_of_no_callers() -> None:
    args = replace(function_args(), is_awaited=True)
    assert "ORDERLY_CALLERS" not in settings(one(args, api_kind="direct"))


@pytest.mark.parametrize(
    ("late", "message"),
    [
        (lambda app, one: app.let_call(one), "app pack is made already, so other cannot be let call it"),
        (lambda app, _: app.tell("WHEN", "now"), "app pack is made already, so WHEN cannot be set"),
    ],
)
def test_what_comes_after_an_app_was_made_is_refused(late: Callable[[FunctionApp, object], None], message: str) -> None:
    def wire(make: Make) -> None:
        pack, other = make(Function, "pack", function_args()), make(Function, "other", function_args())
        pack.finish()
        late(pack._app, other.identity)  # type: ignore[attr-defined]

    with pytest.raises(WiringError, match=message):
        made_alone("azure", wire)


def test_more_callers_than_app_service_can_tell_apart_are_refused() -> None:
    def wire(make: Make) -> None:
        pack = make(Function, "pack", function_args())
        for number in range(14):
            pack.grant_invoke(make(Function, f"caller-{number}", function_args()).identity)

    with pytest.raises(WiringError, match="app pack: 14 callers are more than App Service can tell apart"):
        made_alone("azure", wire)


def test_a_consumer_needs_no_concurrency_of_http() -> None:
    def wire(make: Make) -> None:
        queue = make(Queue, "parcels", QUEUE)
        make(Function, "pack", function_args(trigger=queue.deliveries(max_concurrency=2)))

    scale = made_alone("azure", wire).one("web.WebApp", "pack").inputs["functionAppConfig"]["scaleAndConcurrency"]
    assert "triggers" not in scale
