"""The reference interpreter: what docs/saga.md says, written down once more in the plainest way.

It has the form of a saga and the names of phases and outcomes in common with the engines, and no line of meaning: it
finds order, arms and attempts by itself, has no journal and cannot crash. Branches run one after another, which nobody
who looks at the trace can tell from side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType

from components.saga.decider import Outcome, Phase
from components.saga.definition import Choice, Parallel, Retry, Saga, Step
from tests.conformance.saga.case import DATA, Case, Fate, FateKind
from tests.conformance.saga.trace import End, Trace
from tests.conformance.saga.world import TaskCall, World


class Reference:
    """The engine that the others are compared with."""

    name = "reference"
    unproven: Mapping[str, tuple[str, str]] = {
        slug: ("not offered", "it is what the engines are compared with, and has no clock, threads or memory of runs")
        for slug in (
            "waits_grow_by_the_factor_up_to_the_cap",
            "branches_run_side_by_side",
            "a_second_start_changes_nothing",
            "a_run_survives_the_death_of_its_engine",
            "a_run_keeps_the_definition_that_it_began_with",
        )
    }
    levelled = ()

    def __enter__(self) -> Reference:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def run(self, case: Case) -> Trace:
        world = World(case, "run-1")
        return world.trace(_Run(case.saga, world).to_its_end())


@dataclass(frozen=True)
class Broken:
    """A step that failed for good, and the code of its no or of its fault."""

    step: Step
    code: str
    is_no: bool


@dataclass
class _Run:
    saga: Saga
    world: World
    to_undo: list[Step] = field(default_factory=list)
    """What may have happened, in the order of the definition, since nothing here runs side by side."""
    results: dict[str, str] = field(default_factory=dict)

    def to_its_end(self) -> End:
        broken = self._forward()
        if broken is None:
            return End(outcome=Outcome.SUCCEEDED)
        kept = tuple(sorted(step.name for step in reversed(self.to_undo) if not self._undo(step)))
        rejected = broken.is_no and broken.step.rejects
        is_recorded = self._record(broken, self.saga.on_rejected if rejected else self.saga.on_failed, kept)
        return End(
            outcome=Outcome.REJECTED if rejected else Outcome.FAILED,
            failed_step=broken.step.name,
            code=broken.code,
            uncompensated=kept,
            is_recorded=is_recorded,
            is_alarmed=bool(kept) or not is_recorded,
        )

    def _forward(self) -> Broken | None:
        for node in self.saga.nodes:
            if isinstance(node, Parallel):
                broken = [self._sequence(branch) for branch in node.branches]
            elif isinstance(node, Choice):
                broken = [self._sequence(self._arm(node))]
            else:
                broken = [self._sequence((node,))]
            if first := next(filter(None, broken), None):
                return first
        return None

    def _arm(self, choice: Choice) -> tuple[Step, ...]:
        for case in choice.cases:
            if case.result == self.results[choice.of]:
                return case.steps
        return choice.otherwise

    def _sequence(self, steps: tuple[Step, ...]) -> Broken | None:
        for step in steps:
            fates = self._attempts(Phase.DO, step.name, step.task, step.retry)
            last = fates[-1]
            if len(fates) > 1 or last.kind is not FateKind.REFUSE:
                self.to_undo.append(step)
            if last.kind is not FateKind.SUCCEED:
                is_no = last.kind is FateKind.REFUSE
                return Broken(step, last.word if is_no else "fault", is_no)
            self.results[step.name] = last.word
        return None

    def _undo(self, step: Step) -> bool:
        undo = step.compensation
        if undo is None:
            return True
        return self._attempts(Phase.UNDO, step.name, undo.task, undo.retry)[-1].kind is FateKind.SUCCEED

    def _record(self, broken: Broken, task: str, uncompensated: tuple[str, ...]) -> bool:
        failure = {"step": broken.step.name, "code": broken.code, "message": ""}
        last = self._attempts(Phase.END, "end", task, Retry(attempts=10), failure, uncompensated)[-1]
        return last.kind is FateKind.SUCCEED

    def _attempts(
        self,
        phase: Phase,
        step: str,
        task: str,
        retry: Retry,
        failure: dict[str, str] | None = None,
        uncompensated: tuple[str, ...] = (),
    ) -> list[Fate]:
        """Attempt until it is done, says no, or has used up its total."""
        key = f"run-1:{step}:undo" if phase is Phase.UNDO else f"run-1:{step}"
        fates: list[Fate] = []
        while len(fates) < retry.attempts:
            call = TaskCall(
                task=task,
                run_id="run-1",
                key=key,
                attempt=len(fates) + 1,
                data=DATA,
                failure=failure,
                uncompensated=uncompensated,
            )
            fates.append(self.world.perform(call))
            if fates[-1].kind in (FateKind.SUCCEED, FateKind.REFUSE):
                break
        return fates
