"""A plan and an app of Flex Consumption, as Azure wants them: one app to a plan, nothing that the plan refuses.

`site_config` is a plain mapping and never web.SiteConfigArgs, which sends a version of .NET that Flex answers with 400.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure._app_storage import AppStorage
from components.azure._identity import ManagedIdentity
from components.azure._package import FLEX
from components.azure._subscription import Subscription
from components.group import Child
from components.link import Variables

CHILDREN = ("plan", "app", "no-password")


@dataclass(frozen=True, kw_only=True)
class Size:
    memory_mb: int
    instances: int
    """At most."""
    at_once: int
    """Calls that one instance works on."""
    orchestrators: int = 0
    """Runs that it moves on in the meantime."""
    warm: int = 0


@dataclass(frozen=True, kw_only=True)
class Site:
    """What an app is made of; `is_open` if anybody reaches it over HTTP, whom App Service then lets in or not."""

    name: str
    physical_name: str
    plan: str
    """The physical name of its plan, which is no other app's."""
    identity: ManagedIdentity
    storage: AppStorage
    size: Size
    is_open: bool
    settings: Variables


def make_site(
    site: Site, *, subscription: Subscription, child: Child, opts: pulumi.ResourceOptions
) -> tuple[azure.web.WebApp, pulumi.Resource]:
    """The app and what has to be said of it before it has code, in order; `opts` say what it has to wait for."""
    app = azure.web.WebApp(
        site.name,
        resource_group_name=subscription.group_name,
        location=subscription.location,
        name=site.physical_name,
        kind="functionapp,linux",
        server_farm_id=_plan(site, subscription, child).id,
        https_only=True,
        identity=azure.web.ManagedServiceIdentityArgs(
            type=azure.web.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[site.identity.id]
        ),
        key_vault_reference_identity=site.identity.id,
        function_app_config=azure.web.FunctionAppConfigArgs(
            deployment=_deployment(site),
            runtime=azure.web.FunctionsRuntimeArgs(name="python", version=FLEX.python),
            scale_and_concurrency=_scale(site),
        ),
        site_config=_site_config(site),
        opts=child("app", opts),
    )
    return app, _allow_no_passwords(site.name, app, subscription, child)


def _plan(site: Site, subscription: Subscription, child: Child) -> azure.web.AppServicePlan:
    return azure.web.AppServicePlan(
        site.name,
        resource_group_name=subscription.group_name,
        location=subscription.location,
        name=site.plan,
        kind="functionapp",
        reserved=True,
        sku=azure.web.SkuDescriptionArgs(name="FC1", tier="FlexConsumption"),
        # One of another name is made first: Azure deletes none that has an app, and the old one has its own until then.
        opts=child("plan", pulumi.ResourceOptions(delete_before_replace=False)),
    )


def _deployment(site: Site) -> azure.web.FunctionsDeploymentArgs:
    return azure.web.FunctionsDeploymentArgs(
        storage=azure.web.FunctionsDeploymentStorageArgs(
            type="blobContainer",
            value=site.storage.packages,
            authentication=azure.web.FunctionsDeploymentStorageAuthenticationArgs(
                type="UserAssignedIdentity", user_assigned_identity_resource_id=site.identity.id
            ),
        )
    )


def _scale(site: Site) -> azure.web.FunctionsScaleAndConcurrencyArgs:
    """What is kept ready answers HTTP: nobody waits for anything else."""
    size = site.size
    http = azure.web.FunctionsScaleAndConcurrencyTriggersHttpArgs(per_instance_concurrency=size.at_once)
    return azure.web.FunctionsScaleAndConcurrencyArgs(
        instance_memory_mb=size.memory_mb,
        maximum_instance_count=size.instances,
        # What is left out stays as it was.
        always_ready=[azure.web.FunctionsAlwaysReadyConfigArgs(name="http", instance_count=size.warm)]
        if size.warm
        else [],
        triggers=azure.web.FunctionsScaleAndConcurrencyTriggersArgs(http=http) if site.is_open else None,
    )


def _site_config(site: Site) -> azure.web.SiteConfigArgsDict:
    return {
        "app_settings": [{"name": name, "value": value} for name, value in sorted(site.settings.items())],
        "min_tls_version": "1.2",
        "http20_enabled": True,
        # Whoever deploys reaches the app's other host by a token.
        "scm_ip_security_restrictions_use_main": False,
        "ip_security_restrictions_default_action": "Allow" if site.is_open else "Deny",
    }


def _allow_no_passwords(
    name: str, app: azure.web.WebApp, subscription: Subscription, child: Child
) -> azure.web.WebAppFtpAllowed:
    """By default an app has a user and a password that may publish code.

    Gives the last of both: one thing of an app is changed at a time.
    """
    by_site = azure.web.WebAppScmAllowed(
        f"{name}-scm",
        resource_group_name=subscription.group_name,
        name=app.name,
        allow=False,
        opts=child("no-password"),
    )
    return azure.web.WebAppFtpAllowed(
        f"{name}-ftp",
        resource_group_name=subscription.group_name,
        name=app.name,
        allow=False,
        opts=child("no-password", pulumi.ResourceOptions(depends_on=[by_site])),
    )
