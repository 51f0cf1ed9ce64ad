"""What a target has to tell of a stack's bill so that `report` can print it, and what all of them tell alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from benchmarks.cost.lines import Line, Monthly, Prices
from benchmarks.cost.stackfile import StackFile
from components.config import OrderSystemConfig


@dataclass(frozen=True, kw_only=True)
class Sources:
    """A target's files, and what was counted: as read."""

    prices: Mapping[str, Any]
    reference: Mapping[str, Any]
    counted: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Design:
    """A way to get an order from its request to its end, and what it does without."""

    lines: Sequence[Line]
    gives_up: str


class Priced(Protocol):
    """What of a stack's file its bill on one target depends on."""

    @property
    def file(self) -> StackFile: ...

    @property
    def config(self) -> OrderSystemConfig: ...

    @property
    def region(self) -> str: ...

    def told(self) -> Iterator[tuple[str, object, str]]:
        """Each setting that is priced: its name, its value, and who says so."""


OnTarget = TypeVar("OnTarget", bound=Priced)


@dataclass(frozen=True)
class Bill(ABC, Generic[OnTarget]):
    """Of one stack on one target."""

    stack: OnTarget
    sources: Sources

    TARGET: ClassVar[str]
    COUNTED_ON: ClassVar[Sequence[str]]
    """How and where the counts were come by, in whole lines."""
    NOT_IN_IT: ClassVar[str]
    COUNTS: ClassVar[Collection[str]]
    """What a run has to have counted."""
    RUNS: ClassVar[Collection[str]]
    """The runs that are priced."""

    @classmethod
    @abstractmethod
    def of(cls, file: StackFile, sources: Sources) -> Self:
        """As if the stack were on this target; raises ConfigError."""

    @classmethod
    def uncounted(cls, counted: Mapping[str, Any]) -> Iterator[str]:
        """What is priced and was not counted, by an older run or a broken one."""
        for run in cls.RUNS:
            yield from (f"{what} of {run}" for what in cls.COUNTS if what not in counted.get(run, {}))

    @abstractmethod
    def designs(self) -> Mapping[str, Design]:
        """By name; the reference's is among them."""

    @abstractmethod
    def whole(self) -> Sequence[Line]:
        """Everything that was counted of an order."""

    @abstractmethod
    def described(self) -> str:
        """What the stack is, as far as it decides what the whole costs."""

    @abstractmethod
    def remarks(self) -> Iterator[str]:
        """What has to be known of the whole."""

    @abstractmethod
    def monthly(self) -> Sequence[Monthly]:
        """Without what is nothing."""

    @abstractmethod
    def bars(self) -> Iterator[str]:
        """What is wanted of the designs, and whether it is so."""

    @cached_property
    def prices(self) -> Prices:
        return Prices(listed=self.sources.prices["prices"], assumed=self.sources.prices["assumed"])

    @property
    def reference(self) -> Mapping[str, float]:
        """What the reference's design calls for an order."""
        calls: Mapping[str, float] = self.sources.reference["calls"]
        return calls

    def counts(self, run: str) -> Mapping[str, float]:
        found: Mapping[str, float] = self.sources.counted[run]
        return found


def met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"
