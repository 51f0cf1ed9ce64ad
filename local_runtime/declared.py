"""Everything that was declared, as the run time looks it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from local_runtime.declarations import Declaration

D = TypeVar("D", bound=Declaration)


@dataclass
class Declared:
    """Declarations by kind and name."""

    by_kind: dict[type[Declaration], dict[str, Any]] = field(default_factory=dict)

    def all(self, kind: type[D]) -> Mapping[str, D]:
        return self.by_kind.setdefault(kind, {})

    def add(self, declaration: Declaration) -> None:
        self.by_kind.setdefault(type(declaration), {})[declaration.name] = declaration
