"""Secrets that an app gets as settings: the platform reads the value from the vault as the app's identity.

The setting names the secret without a version, so a new value is there within a day, or with the next deployment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi

from components.link import Link, Variables


@dataclass(frozen=True, kw_only=True)
class Mount(Link):
    """A link that also says which secret is the value of the setting `key`."""

    key: str
    vault: pulumi.Input[str]
    secret: pulumi.Input[str]


def mounted(links: Iterable[Link]) -> Variables:
    return {link.key: _reference(link) for link in links if isinstance(link, Mount)}


def _reference(mount: Mount) -> pulumi.Output[str]:
    return pulumi.Output.concat("@Microsoft.KeyVault(VaultName=", mount.vault, ";SecretName=", mount.secret, ")")
