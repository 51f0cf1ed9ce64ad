"""Tokens for Azure's management, as whoever deploys: kept in memory until shortly before they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from os import environ
from threading import Lock

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError
from azure.identity import ClientSecretCredential, DefaultAzureCredential

from azure_publisher.errors import NotYetError, PublishError

SCOPE = "https://management.azure.com/.default"
SPARE_SECONDS = 300
REACH = (
    "see why login.microsoftonline.com does not answer this machine (a proxy, a name server), and run `pulumi up` again"
)


def whoever_deploys(tenant: str) -> TokenCredential:
    """By ARM_CLIENT_ID and ARM_CLIENT_SECRET, or by any login of this machine.

    Pulumi's own provider of Azure takes those two as well. What else it takes from ARM_ variables, certificates and
    ARM_USE_OIDC, is not looked at here.
    """
    client, secret = environ.get("ARM_CLIENT_ID"), environ.get("ARM_CLIENT_SECRET")
    if client and secret:
        return ClientSecretCredential(tenant, client, secret)
    return DefaultAzureCredential(additionally_allowed_tenants=[tenant])


class Tokens:
    """One for each tenant, however many apps are published at once."""

    def __init__(self, credential: Callable[[str], TokenCredential] = whoever_deploys) -> None:
        self._credential = credential
        self._tokens: dict[str, AccessToken] = {}
        self._lock = Lock()

    def of(self, tenant: str) -> str:
        with self._lock:
            known = self._tokens.get(tenant)
            if known is None or known.expires_on < time.time() + SPARE_SECONDS:
                known = self._tokens[tenant] = self._fresh(tenant)
            return known.token

    def _fresh(self, tenant: str) -> AccessToken:
        try:
            return self._credential(tenant).get_token(SCOPE, tenant_id=tenant)
        except (AzureError, ValueError) as error:
            if _is_unreachable(error):
                raise NotYetError(f"the login to Azure cannot be reached ({_first_line(error)})", REACH) from None
            raise PublishError(
                f"there is no login to Azure for tenant {tenant}: run `az login --tenant {tenant}`, or set "
                f"ARM_CLIENT_ID and ARM_CLIENT_SECRET, and run `pulumi up` again ({_first_line(error)})"
            ) from None


def _is_unreachable(error: Exception) -> bool:
    """azure-identity makes most errors an authentication that failed, and keeps what it met as their cause."""
    return any(isinstance(each, (ServiceRequestError, ServiceResponseError)) for each in (error, error.__cause__))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
