"""How an order chooses what the sandbox does: by a name that ends in how often a call fails before it succeeds."""

from __future__ import annotations

import re
from collections.abc import Iterable

from functions.domain.errors import RetryableError
from functions.ports import Ledger


class SandboxTransientError(RetryableError):
    """A failure that the order asked for; the same call succeeds later, unless an outage was asked for."""

    code = "sandbox-transient"


def fail_as_asked(names: Iterable[str], prefix: str, ledger: Ledger, key: str) -> None:
    """Raise SandboxTransientError on the first N calls with this key for a name that is `prefix` and N (1 to 99)."""
    for name in names:
        wanted = re.fullmatch(re.escape(prefix) + "([1-9][0-9]?)", name)
        if wanted and (calls := ledger.count(f"{key}:{name}")) <= int(wanted[1]):
            raise SandboxTransientError(f"{name} fails {wanted[1]} times, this is call {calls}")
