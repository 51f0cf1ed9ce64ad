"""What other components need of a secret: the value, where AWS takes a value and no reference to one."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Value:
    text: pulumi.Output[str]
    """Marked secret: encrypted in the state wherever it goes."""
