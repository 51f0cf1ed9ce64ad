"""The deployment sites of all the apps that are in a simulated account, as one server: it keeps what it is given."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tests.azure.serving import Request
from tests.azure.site_fake import SiteFake
from tests.engine.simulated.account import Account

APP = "azure-native:web:WebApp"
HOST = ".scm.azurewebsites.net"


@dataclass(frozen=True, kw_only=True)
class Publication:
    """`digest` is the sha256 of the package, which Account.uploaded has the bytes of."""

    app: str
    digest: str


class Sites(SiteFake):
    """An app that the account does not have, has no site."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._account = account
        self.published: list[Publication] = []
        """In the order in which they were taken."""

    @property
    def code(self) -> dict[str, str]:
        """By app, the digest of what it runs."""
        return {each.app: each.digest for each in self.published}

    def has_gone(self, request: Request) -> bool:
        app = _app(request)
        return not any(key.startswith(f"{APP} ") and key.endswith(f"/{app}") for key in self._account.resources())

    def take(self, request: Request) -> str:
        digest = hashlib.sha256(request.body).hexdigest()
        kept = self._account.uploaded(digest)
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(request.body)
        self.published.append(Publication(app=_app(request), digest=digest))
        return f"deployment-{len(self.published)}"


def _app(request: Request) -> str:
    return request.headers["host"].removesuffix(HOST)
