"""A stack's bill on AWS."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import ClassVar, Self

from benchmarks.cost.aws.monthly import monthly
from benchmarks.cost.aws.pricing import COUNTED, path, reference_path, whole
from benchmarks.cost.aws.stack import Stack
from benchmarks.cost.bill import Bill, Design, Sources, met
from benchmarks.cost.lines import Line, Monthly, total
from benchmarks.cost.stackfile import StackFile

RUN_OF = {"standard": "http-standard", "express": "rest-express"}
"""By durability, the run that it was counted on. Each stood behind one gateway only."""
TIMES_CHEAPER = 5
GIVES_UP = {
    "reference": "the outbox, events and their archive, a record of each step, compensation of what a branch did",
    "standard": "nothing of a run: it survives whatever happens, for up to a year",
    "express": "a run that is not over after five minutes ends there and then; its history is in the logs alone",
}
AN_HTTP_API_GIVES_UP = "a firewall, usage plans and models of bodies at the gateway"


class AwsBill(Bill[Stack]):
    TARGET: ClassVar[str] = "aws"
    COUNTED_ON: ClassVar[Sequence[str]] = (
        "Counted on ministack, the mean of two orders, one after the other, so that nothing shares a batch.",
        "At volume some of it does; that the gateway changes no other count is assumed.",
        "Branches that meet at their order read and write it again; how often is chance, so counts differ.",
    )
    NOT_IN_IT: ClassVar[str] = (
        "traces, metrics, alarms, keys, secrets, sign-in, calls of a REST API's own authorizer, what SNS takes for "
        "looking into bodies, the bus's archive, the webhook, other services' logs, and keeping what was written"
    )

    COUNTS: ClassVar[Collection[str]] = COUNTED
    RUNS: ClassVar[Collection[str]] = tuple(RUN_OF.values())

    @classmethod
    def of(cls, file: StackFile, sources: Sources) -> Self:
        return cls(Stack.read(file), sources)

    def designs(self) -> Mapping[str, Design]:
        lines = {
            "reference": reference_path(self.prices, self.reference, self.stack),
            **{name: path(self.prices, self.counts(run), self.stack, durability=name) for name, run in RUN_OF.items()},
        }
        return {name: Design(lines=each, gives_up=self._given_up(name)) for name, each in lines.items()}

    def whole(self) -> Sequence[Line]:
        return whole(self.prices, self.counts(RUN_OF[self.stack.durability]), self.stack)

    def described(self) -> str:
        kind = {"http": "an HTTP API", "rest": "a REST API"}[self.stack.aws.api_kind]
        gateway = f"{kind} with a firewall" if self.stack.has_firewall else kind
        return f"{self.stack.durability}, behind {gateway}"

    def remarks(self) -> Iterator[str]:
        if self.stack.capacity:
            yield "the database's units are paid by the month; whether the load fits between its bounds is not judged"

    def monthly(self) -> Sequence[Monthly]:
        return monthly(self.prices, self.stack)

    def bars(self) -> Iterator[str]:
        totals = {name: total(design.lines) for name, design in self.designs().items()}
        times = totals["reference"] / totals["express"]
        is_met = met(times >= TIMES_CHEAPER)
        yield f"{is_met}: express is {times:.1f} times cheaper than the reference ({TIMES_CHEAPER})"
        share = totals["standard"] / totals["reference"]
        ours, theirs = self.counts(RUN_OF["standard"]), self.reference["state transitions"]
        yield (
            f"{met(share <= 1)}: standard costs {share:.2f} times the reference, for {ours['state transitions']:g} "
            f"transitions where that has {theirs:g}; {ours['workflow tasks']:g} of ours call a function, the others "
            "decide, branch and end"
        )

    def _given_up(self, design: str) -> str:
        """The reference's gateway is a REST API, so ours is to be compared with that too."""
        gateway = AN_HTTP_API_GIVES_UP if design != "reference" and self.stack.aws.api_kind == "http" else ""
        return "; ".join(filter(None, (GIVES_UP[design], gateway)))
