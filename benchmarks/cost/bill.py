"""What a target has to tell of a stack's bill so that `report` can print it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

from benchmarks.cost.lines import Line, Monthly
from benchmarks.cost.stackfile import StackFile


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


class Bill(Protocol):
    """Of one stack on one target."""

    TARGET: ClassVar[str]
    COUNTED_ON: ClassVar[Sequence[str]]
    """How and where the counts were come by, in whole lines."""
    NOT_IN_IT: ClassVar[str]

    @classmethod
    def of(cls, file: StackFile, sources: Sources) -> Self:
        """As if the stack were on this target; raises ConfigError."""

    @classmethod
    def uncounted(cls, counted: Mapping[str, Any]) -> Iterator[str]:
        """What is priced and was not counted, by an older run or a broken one."""

    @property
    def sources(self) -> Sources: ...

    @property
    def file(self) -> StackFile: ...

    @property
    def region(self) -> str: ...

    @property
    def log_level(self) -> str: ...

    def designs(self) -> Mapping[str, Design]:
        """By name; the reference's is among them."""

    def whole(self) -> Sequence[Line]:
        """Everything that was counted of an order."""

    def described(self) -> str:
        """What the stack is, as far as it decides what the whole costs."""

    def remarks(self) -> Iterator[str]:
        """What has to be known of the whole."""

    def monthly(self) -> Sequence[Monthly]:
        """Without what is nothing."""

    def told(self) -> Iterator[tuple[str, object, str]]:
        """Each setting that is priced: its name, its value, and who says so."""

    def bars(self) -> Iterator[str]:
        """What is wanted of the designs, and whether it is so."""


def met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"
