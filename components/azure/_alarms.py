"""What has to be watched, said by the component that knows it; `observability` makes alerts and a workbook of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias

import pulumi

Aggregation: TypeAlias = Literal["Average", "Count", "Maximum", "Minimum", "Total"]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of Azure Monitor, of one resource."""

    name: str
    """As in `DeadletteredMessages`."""
    namespace: str
    """As in `microsoft.servicebus/namespaces`."""
    of: pulumi.Input[str]
    """The id of the resource that is measured."""
    aggregation: Aggregation
    dimensions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Each has to be this text."""


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The lines of the log that the query, in Kusto's language, finds; they are counted."""

    query: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Raised when what was measured within `window` was above the threshold."""

    about: str
    """What is watched, as in `dead-letters`; with `contract` and `of` it names the alert."""
    contract: str
    """The contract of the component that it is about, as in `queue`."""
    of: str
    """That component's name."""
    says: str
    """A sentence for whoever is woken by it: what happened, and where to look."""
    measured: Metric | Lines
    threshold: float
    window: timedelta = timedelta(minutes=5)

    @property
    def key(self) -> str:
        return f"{self.contract}-{self.of}-{self.about}"
