"""Everything that the pages show and do, for one system."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from console.ports import Changes, FaultSwitch, Flow, Health
from operations.ports import Operations


@dataclass(frozen=True, kw_only=True)
class Site:
    """`prefix` is the path that the pages are under; `token` is in every form, and another one after each start."""

    name: str
    prefix: str
    operations: Operations
    flow: Flow
    health: Health
    changes: Changes
    faults: FaultSwitch | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
