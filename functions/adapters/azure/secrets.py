"""Secrets that App Service took out of Key Vault, as settings of the app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.adapters.azure.clients import AzureUnavailableError

REFERENCE = "@Microsoft.KeyVault("
"""What a setting begins with that App Service could not resolve: it shows the reference in the place of the value."""


class SecretNotMountedError(Exception):
    """The function has no variable with this secret's value."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no secret is mounted as {name}: link the function to the component that provides it")


class SecretNotResolvedError(AzureUnavailableError):
    """App Service has not got the secret out of Key Vault, or not yet."""

    code = "secret-not-resolved"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is still a reference to Key Vault: see the app's right to read the secret")


@dataclass(frozen=True)
class MountedSecrets:
    """A functions.ports.SecretStore; a secret's name is that of the variable whose value it is.

    A variable keeps its value for as long as its instance runs, and `fresh` reads nothing else. A rotated secret comes
    with the instances that App Service starts in the place of these, within a day by itself, or at once after
    `pulumi up` has changed the setting.
    """

    variables: Mapping[str, str] = field(repr=False)

    def get(self, name: str, *, fresh: bool = False) -> str:
        del fresh
        try:
            value = self.variables[name]
        except KeyError:
            raise SecretNotMountedError(name) from None
        if value.startswith(REFERENCE):
            raise SecretNotResolvedError(name)
        return value
