"""The system that is measured: as `make up` leaves it, with an API that lets through as much as it may."""

from __future__ import annotations

from pathlib import Path

from local_runtime import issuer
from local_runtime.home import Home
from tests import local_system

TENANT = "bench"
SCOPES = "orders:read orders:write"


def declare(folder: Path) -> Home:
    """Everything but the process; of stage dev, but with the log of stage prod and enough stock."""
    return local_system.declare(
        folder,
        api=local_system.UNTHROTTLED,
        functions={"log_level": "WARN"},
        orders={"sandbox_stock": 1_000_000},
    )


def token(home: Home) -> str:
    """Good for a day."""
    return issuer.mint(home.issuer, tenant=TENANT, scope=SCOPES, minutes=issuer.MAX_MINUTES)
