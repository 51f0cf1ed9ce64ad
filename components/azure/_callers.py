"""Who may call an app over HTTP: App Service verifies the caller's token, and lets in the identities that were granted.

A token is one of the tenant's, for the application that the configuration names; every identity of the tenant can get
such a token, so who it is has to be said as well. The app looks at the caller's id once more.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_azure_native as azure

from components.azure._identity import ManagedIdentity
from components.azure._subscription import Subscription
from components.errors import WiringError

MOST_CHARACTERS = 500
"""Of all ids of a list together (learn.microsoft.com/azure/app-service/configure-authentication-provider-aad)."""
GUID_CHARACTERS = 36


def let_in(
    name: str,
    app: azure.web.WebApp,
    callers: Sequence[ManagedIdentity],
    *,
    subscription: Subscription,
    opts: pulumi.ResourceOptions,
) -> azure.web.WebAppAuthSettingsV2:
    """Everybody else, and whoever has no token, is answered with a 401 or a 403 before the app is woken."""
    if len(callers) * (GUID_CHARACTERS + 1) > MOST_CHARACTERS:
        raise WiringError(f"app {name}: {len(callers)} callers are more than App Service can tell apart; use a queue")
    return azure.web.WebAppAuthSettingsV2(
        name,
        resource_group_name=subscription.group_name,
        name=app.name,
        platform=azure.web.AuthPlatformArgs(enabled=True),
        global_validation=azure.web.GlobalValidationArgs(
            require_authentication=True,
            unauthenticated_client_action=azure.web.UnauthenticatedClientActionV2.RETURN401,
        ),
        http_settings=azure.web.HttpSettingsArgs(require_https=True),
        login=azure.web.LoginArgs(token_store=azure.web.TokenStoreArgs(enabled=False)),
        identity_providers=azure.web.IdentityProvidersArgs(azure_active_directory=_entra(callers, subscription)),
        opts=opts,
    )


def _entra(callers: Sequence[ManagedIdentity], subscription: Subscription) -> azure.web.AzureActiveDirectoryArgs:
    application, tenant = subscription.config.application_id, subscription.config.tenant_id
    return azure.web.AzureActiveDirectoryArgs(
        enabled=True,
        registration=azure.web.AzureActiveDirectoryRegistrationArgs(
            client_id=application, open_id_issuer=f"https://login.microsoftonline.com/{tenant}/v2.0"
        ),
        validation=azure.web.AzureActiveDirectoryValidationArgs(
            allowed_audiences=[application, f"api://{application}"],
            # Both are looked at, the first as what asked for the token and the second as whose it is.
            default_authorization_policy=azure.web.DefaultAuthorizationPolicyArgs(
                allowed_applications=[caller.client_id for caller in callers],
                allowed_principals=azure.web.AllowedPrincipalsArgs(
                    identities=[caller.principal_id for caller in callers]
                ),
            ),
        ),
    )
