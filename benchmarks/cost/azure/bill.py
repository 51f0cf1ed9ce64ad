"""A stack's bill on Azure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import ClassVar, Self

from benchmarks.cost.azure.monthly import monthly
from benchmarks.cost.azure.pricing import COUNTED, billed_seconds, calls_of, path, reference_path, whole
from benchmarks.cost.azure.stack import Stack
from benchmarks.cost.bill import Bill, Design, Sources, met
from benchmarks.cost.lines import Line, Monthly, total
from benchmarks.cost.stackfile import StackFile
from components.azure._deliveries import MOST_OF_AN_INSTANCE

RUN = "consumption"
"""The azure.api_kind that orders were counted behind; no other may make more, give or take what chance does."""
REFERENCE, OURS = "reference", "durable"
GIVES_UP = {
    REFERENCE: "a gateway, the outbox, events and their archive, a record of each step, compensation by what was done",
    OURS: "nothing of a run: it survives whatever happens, for as long as its history is kept",
}
BEHIND = {
    "consumption": "API Management by the call",
    "basic": "API Management Basic v2",
    "direct": "no gateway",
}
OF_A_NOTIFICATION: Mapping[str, int] = {"connector call": 2, "action": 2}
"""The Logic App receives, makes two texts and completes."""
OF_A_POST: Mapping[str, int] = {"action": 2}
"""With a webhook it also asks for the secret and posts."""


class AzureBill(Bill[Stack]):
    TARGET: ClassVar[str] = "azure"
    COUNTED_ON: ClassVar[Sequence[str]] = (
        "Counted on the system as tests/e2e/azure plays it, the mean of two orders, one after the other, with nobody",
        "looking at them. What answers, API Management or the app itself, makes no more of the others.",
        "Branches that meet at their order read and write it again; how often is chance, so counts differ.",
    )
    NOT_IN_IT: ClassVar[str] = (
        "traces, metrics, the issuer of tokens, the webhook, secrets, logs of other services, what the Functions host "
        "and the change feed write to keep their places, queues of runs that are asked while nothing is in them, "
        "traffic to the outside, and keeping what was written: items with their indexes, backups, blobs, histories"
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
        return f"instances of {self.stack.instance_gb:g} GB, behind {BEHIND[self.stack.azure.api_kind]}"

    def remarks(self) -> Iterator[str]:
        yield from self._of_the_minimum()
        if self.stack.azure.durable_backend == "scheduler":
            yield "the scheduler is billed by the action, at a price that is not known here: it is not in it"
        if self.stack.azure.database_capacity:
            yield "the database is paid by the hour; whether the load fits into its capacity is not judged"
        notified = sum(self.prices.usd(unit, units) for unit, units in self._notification().items())
        yield f"an order of high value costs {notified * 1e6:,.2f} a million more, for its run of the Logic App"
        yield "of a month's operations of Service Bus, the first 13 million are in its fixed price"

    def monthly(self) -> Sequence[Monthly]:
        return monthly(self.prices, self.stack)

    def bars(self) -> Iterator[str]:
        """AWS's other one, of express runs, is about what Durable Functions does not have."""
        totals = {name: total(design.lines) for name, design in self.designs().items()}
        share = totals[OURS] / totals[REFERENCE]
        ours, theirs = self.counts(RUN), self.reference
        yield (
            f"{met(share <= 1)}: the workflow's path costs {share:.2f} times the reference, for {ours['episodes']:g} "
            f"episodes and {ours['activities']:g} activities where that has {theirs['episodes']:g} and "
            f"{theirs['activities']:g}; each of our activities calls an app besides"
        )

    def _of_the_minimum(self) -> Iterator[str]:
        """What Flex Consumption bills although nothing is done."""
        worked = self.prices.value("call_seconds")
        billed, calls = billed_seconds(worked), calls_of(self.counts(RUN))
        at_once, lines = self.stack.azure.concurrency, self.whole()
        wasted = sum(line.usd for line in lines if line.what.endswith("of the minimum"))
        yield (
            f"the minimum: {calls:g} calls work {worked:g} s each and are billed {billed:g} s, where each has an "
            f"instance to itself; that is {wasted / total(lines):.0%} of all"
        )
        yield (
            f"an instance's second is billed once, whatever it does in it: under load an app over HTTP shares it among "
            f"up to {at_once} calls (azure.concurrency), and where it never rests pays {worked / at_once:.2g} s for one"
        )
        yield (
            f"a queue's consumer shares it among up to {MOST_OF_AN_INSTANCE} messages; one that takes a message at a "
            f"time shares it with nobody, and pays {billed:g} s for each that comes alone"
        )

    def _notification(self) -> Mapping[str, int]:
        more = OF_A_POST if self.stack.posts else {}
        return {unit: units + more.get(unit, 0) for unit, units in OF_A_NOTIFICATION.items()}
