"""A simulated Azure of a test's own: an account behind a provider that the engine finds, and the sites of its apps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from portal.deployment import PROJECT_FILE
from tests.engine.azure.sites import Sites
from tests.engine.simulated.account import Account, simulated

PUBLISHER = Path(__file__).parent / "publisher"


@dataclass(frozen=True)
class Azure:
    account: Account
    sites: Sites


@contextmanager
def simulated_azure(folder: Path) -> Iterator[Azure]:
    """Whoever deploys gets tokens as on a machine of Azure that has an identity."""
    with simulated("azure", folder) as account, Sites(account) as sites, pytest.MonkeyPatch.context() as patch:
        for name in ("ARM_CLIENT_ID", "ARM_CLIENT_SECRET"):
            patch.delenv(name, raising=False)
        for name, value in {**sites.identity, "ORDERLY_LOOPBACK_SITES": sites.url}.items():
            patch.setenv(name, value)
        plugins = cast(dict[str, Any], PROJECT_FILE["plugins"])
        patch.setitem(plugins, "providers", [_led(plugin) for plugin in plugins["providers"]])
        yield Azure(account, sites)


def _led(plugin: dict[str, str]) -> dict[str, str]:
    return {**plugin, "path": str(PUBLISHER)} if plugin["name"] == "azurepublisher" else plugin
