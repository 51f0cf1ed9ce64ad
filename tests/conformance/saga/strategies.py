"""Generated cases: sagas of up to twelve steps, with parallels and choices, and a fate for each of their calls."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from components.saga.decider import Phase
from components.saga.definition import Case as Arm
from components.saga.definition import Choice, Compensation, Node, Parallel, Retry, Saga, Step
from tests.conformance.saga.case import CRASH, FAIL, STALL, SUCCEED, CallName, Case, Fate, calls, give, refuse

MAX_STEPS = 12
MAX_STALLS = 2
"""In one case; each costs an engine without a clock of its own a second."""
LONG_SECONDS = 20
RESULTS = ("left", "right", "neither")


AWKWARD_NAMES = ("undo", "answered", "faulted", "reached", "joined", "failed", "ended", "the", "record", "a-", "a--b")
"""What compilers make names of, and what is legal but odd; one of ten sagas has steps with such names."""


@dataclass
class _Growing:
    """The saga as far as it was drawn."""

    draw: st.DrawFn
    names: list[str]
    """Of the steps that are still to be drawn, the last one first."""
    count: int = 0
    askable: list[str] = field(default_factory=list)

    def room(self) -> int:
        return MAX_STEPS - self.count

    def step(self) -> Step:
        self.count += 1
        name = self.names.pop()
        undo = Compensation(task=f"undo-{name}", timeout_seconds=self._timeout(), retry=self._retry())
        return Step(
            name=name,
            task=f"do-{name}",
            timeout_seconds=self._timeout(),
            retry=self._retry(),
            compensation=undo if self.draw(st.booleans()) else None,
            rejects=self.draw(st.booleans()),
        )

    def steps(self, low: int, high: int) -> tuple[Step, ...]:
        high = min(high, self.room())
        return tuple(self.step() for _ in range(self.draw(st.integers(min(low, high), high))))

    def node(self) -> Node:
        kinds = ["step", "step", "parallel"] if self.room() >= 2 else ["step"]
        kind = self.draw(st.sampled_from([*kinds, "choice"] if self.askable else kinds))
        number = self.count + 1
        if kind == "parallel":
            branches = [self.steps(1, min(3, self.room() - 1)), self.steps(1, 2)]
            if self.room() and self.draw(st.booleans()):
                branches.append(self.steps(1, 2))
            return Parallel(name=f"parallel-{number}", branches=tuple(branches))
        if kind == "choice":
            of = self.draw(st.sampled_from(self.askable))
            first = Arm(result="left", steps=self.steps(1, 2))
            second = (Arm(result="right", steps=self.steps(0, 2)),) if self.draw(st.booleans()) else ()
            return Choice(name=f"choice-{number}", of=of, cases=(first, *second), otherwise=self.steps(0, 1))
        step = self.step()
        self.askable.append(step.name)
        return step

    def _timeout(self) -> int:
        """A call with the shortest timeout may stall; others show that each has its own."""
        return self.draw(st.sampled_from((1, 1, LONG_SECONDS)))

    def _retry(self) -> Retry:
        return Retry(
            attempts=self.draw(st.integers(1, 3)),
            interval_seconds=self.draw(st.integers(1, 3)),
            factor=self.draw(st.sampled_from((1, 1.5, 2))),
            cap_seconds=self.draw(st.integers(1, 4)),
        )


@st.composite
def sagas(draw: st.DrawFn) -> Saga:
    names = [f"step-{number}" for number in range(MAX_STEPS, 0, -1)]
    if draw(st.integers(0, 9)) == 9:
        names += draw(st.permutations(AWKWARD_NAMES))
    growing = _Growing(draw, names)
    nodes = [growing.node()]
    while growing.room() and draw(st.integers(0, 4)):
        nodes.append(growing.node())
    return Saga(
        name="generated",
        nodes=tuple(nodes),
        on_rejected="record-rejected",
        on_failed="record-failed",
        end_timeout_seconds=1,
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Most calls succeed, or no saga would get far."""
    saga = draw(sagas())
    stalls = [MAX_STALLS]
    fates = {
        call: _fates(draw, call, each, stalls) for call, each in calls(saga).items() if draw(st.integers(0, 2)) == 0
    }
    for name in sorted(saga.chosen_on()):
        *before, last = fates.get((Phase.DO, name), (SUCCEED,))
        if last == SUCCEED:
            fates[Phase.DO, name] = (*before, give(draw(st.sampled_from(RESULTS))))
    return Case(
        saga=saga,
        fates=fates,
        starts=draw(st.sampled_from((1, 1, 2))),
        kills=tuple(sorted(draw(st.sets(st.integers(1, 12), max_size=2)))),
    )


def _fates(draw: st.DrawFn, call: CallName, attempted: Step | Compensation, stalls: list[int]) -> tuple[Fate, ...]:
    """Up to one fault more than there are attempts, then a yes or a no."""
    faults: list[Fate] = []
    for _ in range(draw(st.integers(0, min(attempted.retry.attempts, 3)))):
        fault = draw(st.sampled_from((FAIL, CRASH, STALL)))
        if fault is STALL and (not stalls[0] or attempted.timeout_seconds > 1):
            fault = CRASH
        stalls[0] -= fault is STALL
        faults.append(fault)
    if call[0] is Phase.END and len(faults) == 3 and FAIL in faults:
        return (FAIL,)
    return (*faults, draw(st.sampled_from((SUCCEED, refuse("declined"), refuse("out-of-stock")))))
