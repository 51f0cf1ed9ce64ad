"""Items that somebody else is always a moment before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.adapters.azure.items import Items, Write


@dataclass(frozen=True)
class Overtaken(Items):
    """Something else happens before each batch."""

    meanwhile: Callable[[], object] = field(kw_only=True)

    def write(self, partition: str, writes: Sequence[Write]) -> list[Mapping[str, Any]]:
        self.meanwhile()
        return super().write(partition, writes)
