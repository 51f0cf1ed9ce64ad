"""A stack's bill on Google Cloud."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import ClassVar, Self

from benchmarks.cost.bill import Bill, Design, Sources, met
from benchmarks.cost.gcp.monthly import monthly
from benchmarks.cost.gcp.pricing import COUNTED, path, reference_path, whole
from benchmarks.cost.gcp.stack import Stack
from benchmarks.cost.lines import Line, Monthly, total
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


class GcpBill(Bill[Stack]):
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

    COUNTS: ClassVar[Collection[str]] = COUNTED
    RUNS: ClassVar[Collection[str]] = (RUN,)

    @classmethod
    def of(cls, file: StackFile, sources: Sources) -> Self:
        return cls(Stack.read(file), sources)

    def designs(self) -> Mapping[str, Design]:
        lines = {
            REFERENCE: reference_path(self.prices, self.reference, self.stack),
            OURS: path(self.prices, self.counts(RUN), self.stack),
        }
        return {name: Design(lines=each, gives_up=GIVES_UP[name]) for name, each in lines.items()}

    def whole(self) -> Sequence[Line]:
        return whole(self.prices, self.counts(RUN), self.stack)

    def described(self) -> str:
        return f"behind {BEHIND[self.stack.gcp.api_kind]}"

    def remarks(self) -> Iterator[str]:
        yield "a subscription is billed for what its filter keeps from it too"

    def monthly(self) -> Sequence[Monthly]:
        return monthly(self.prices, self.stack)

    def bars(self) -> Iterator[str]:
        """AWS's other one, of express runs, is about what Workflows does not have."""
        totals = {name: total(design.lines) for name, design in self.designs().items()}
        share = totals[OURS] / totals[REFERENCE]
        ours, theirs = self.counts(RUN), self.reference
        steps = ours["internal workflow steps"] + ours["external workflow steps"]
        yield (
            f"{met(share <= 1)}: the workflow's path costs {share:.2f} times the reference, for {steps:g} billed steps "
            f"where that has {theirs['workflow steps']:g}; {ours['workflow tasks']:g} of ours call a function, the "
            "others call subworkflows, assign, decide and return"
        )
