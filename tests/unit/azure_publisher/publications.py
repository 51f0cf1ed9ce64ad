"""What the tests of publishing have in common: a package, a login that is none, and waits that take no time."""

from __future__ import annotations

import hashlib
from pathlib import Path
from threading import Event
from typing import Any

from azure.core.credentials import AccessToken

from azure_publisher.credential import Tokens
from azure_publisher.package import Package
from azure_publisher.patience import Pace
from azure_publisher.site import Sites
from tests.azure.loopback import TOKEN
from tests.azure.site_fake import SiteFake

TENANT = "tenant-of-the-tests"
CONTENT = b"a zip"
UNHURRIED = Pace(longest=600, between_tries=0, between_looks=0)
AT_ITS_END = Pace(longest=0, between_tries=0, between_looks=0)


class Login:
    """It is asked for tokens as a credential of azure-identity is; each is good until `ends`."""

    def __init__(self, ends: int = 4102444800) -> None:
        self.asked: list[tuple[str | None, ...]] = []
        self._ends = ends

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **kwargs: Any,  # noqa: ANN401 -- as the SDK declares it
    ) -> AccessToken:
        self.asked.append((*scopes, tenant_id))
        return AccessToken(TOKEN, self._ends)


def sites(pace: Pace = UNHURRIED, cancelled: Event | None = None) -> Sites:
    return Sites(Tokens(lambda _: Login()), cancelled or Event(), pace)


def written(folder: Path, content: bytes = CONTENT) -> Path:
    path = folder / "package.zip"
    path.write_bytes(content)
    return path


def inputs(site: SiteFake, package: Path) -> dict[str, Any]:
    return {
        "app": "orders-fulfil",
        "address": site.url,
        "package": str(package),
        "digest": hashlib.sha256(package.read_bytes()).hexdigest(),
        "tenant": TENANT,
    }


def package_for(site: SiteFake, folder: Path) -> Package:
    return Package(**inputs(site, written(folder)))
