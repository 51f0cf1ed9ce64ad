"""A stack's bill on Google Cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

from benchmarks.cost.bill import Design, Sources, met
from benchmarks.cost.gcp.monthly import monthly
from benchmarks.cost.gcp.pricing import COUNTED, path, reference_path, whole
from benchmarks.cost.gcp.stack import Stack
from benchmarks.cost.lines import Line, Monthly, Prices, total
from benchmarks.cost.stackfile import StackFile

RUN = "gateway"
"""The gcp.api_kind that orders were counted behind; no other may make more, give or take what chance does."""
REFERENCE, OURS = "reference", "workflows"
GIVES_UP = {
    REFERENCE: "the outbox, events and their archive, attempts that are counted, a record of each step, compensation",
    OURS: "nothing of a run: it survives whatever happens, for up to a year",
}
BEHIND = {
    "gateway": "API Gateway",
    "load_balancer": "a load balancer",
    "direct": "no gateway",
}


@dataclass(frozen=True, kw_only=True)
class GcpBill:
    """A benchmarks.cost.bill.Bill."""

    sources: Sources
    file: StackFile
    stack: Stack

    TARGET: ClassVar[str] = "gcp"
    COUNTED_ON: ClassVar[Sequence[str]] = (
        "Counted on the system as tests/e2e/gcp plays it, the mean of two orders, one after the other, with nobody",
        "looking at them. What answers, API Gateway or another, makes no more of the others.",
        "Branches that meet at their order read and write it again; how often is chance, so counts differ.",
    )
    NOT_IN_IT: ClassVar[str] = (
        "traces, metrics and those made of logs, the issuer of tokens, the webhook, the logs of other services, what "
        "secrets cost when an instance starts, images and their builds, traffic to the outside, and keeping what was "
        "written: documents with their indexes, backups, objects, messages for a replay"
    )

    @classmethod
    def of(cls, file: StackFile, sources: Sources) -> Self:
        return cls(sources=sources, file=file, stack=Stack.read(file))

    @classmethod
    def uncounted(cls, counted: Mapping[str, Any]) -> Iterator[str]:
        yield from (f"{what} of {RUN}" for what in COUNTED if what not in counted.get(RUN, {}))

    @property
    def region(self) -> str:
        return self.stack.gcp.region

    @property
    def log_level(self) -> str:
        return self.stack.config.profile.log_level

    def designs(self) -> Mapping[str, Design]:
        lines = {
            REFERENCE: reference_path(self._prices, self.sources.reference["calls"], self.stack),
            OURS: path(self._prices, self._counts, self.stack),
        }
        return {name: Design(lines=each, gives_up=GIVES_UP[name]) for name, each in lines.items()}

    def whole(self) -> Sequence[Line]:
        return whole(self._prices, self._counts, self.stack)

    def described(self) -> str:
        return f"behind {BEHIND[self.stack.gcp.api_kind]}"

    def remarks(self) -> Iterator[str]:
        yield "a subscription is billed for what its filter keeps from it too"

    def monthly(self) -> Sequence[Monthly]:
        return monthly(self._prices, self.stack)

    def told(self) -> Iterator[tuple[str, object, str]]:
        return self.stack.told()

    def bars(self) -> Iterator[str]:
        """AWS's other one, of express runs, is about what Workflows does not have."""
        totals = {name: total(design.lines) for name, design in self.designs().items()}
        share = totals[OURS] / totals[REFERENCE]
        ours, theirs = self._counts, self.sources.reference["calls"]
        steps = ours["internal workflow steps"] + ours["external workflow steps"]
        yield (
            f"{met(share <= 1)}: the workflow's path costs {share:.2f} times the reference, for {steps:g} billed steps "
            f"where that has {theirs['workflow steps']:g}; {ours['workflow tasks']:g} of ours call a function, the "
            "others call subworkflows, assign, decide and return"
        )

    @property
    def _counts(self) -> Mapping[str, float]:
        found: Mapping[str, float] = self.sources.counted[RUN]
        return found

    @cached_property
    def _prices(self) -> Prices:
        return Prices(listed=self.sources.prices["prices"], assumed=self.sources.prices["assumed"])
