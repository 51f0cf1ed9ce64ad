"""What an operation on a deployment has done, or would do, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi.automation import OutputMap
from pulumi.automation.events import EngineEvent, OpType, StepEventMetadata

MASK = "[secret]"
THE_STACK = "pulumi:pulumi:Stack"
"""The stack is a resource of its own, which the counts leave out."""
UNCHANGED = (OpType.SAME, OpType.READ, OpType.REFRESH)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One resource's change; `operation` is Pulumi's word (create, update, replace, delete ...)."""

    urn: str
    type: str
    name: str
    operation: str
    properties: tuple[str, ...]
    """The inputs that differ, for an update or a replacement."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """`counts` is by operation, resources that stay as they are (`same`) included."""

    counts: Mapping[str, int]
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Preview(Summary):
    """What `up` would do."""


@dataclass(frozen=True, kw_only=True)
class Update(Summary):
    """What was done, and what the stack exports now, its secrets masked."""

    outputs: Mapping[str, Any]


@dataclass
class Watcher:
    """Listens to an operation's events and remembers what the results are made of."""

    _changes: dict[str, Change] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _being_read: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    """What the engine, the program or the provider had to say about why it failed."""

    def see(self, event: EngineEvent) -> None:
        if event.resource_pre_event:
            self._see_start(event.resource_pre_event.metadata)
        if event.res_outputs_event:
            self._see_end(event.res_outputs_event.metadata)
        if event.summary_event:
            self._counts = {str(operation): count for operation, count in event.summary_event.resource_changes.items()}
        if event.diagnostic_event and event.diagnostic_event.severity == "error":
            self.problems.append(event.diagnostic_event.message)

    def summary(self) -> dict[str, Any]:
        return {"counts": self._counts, "changes": tuple(self._changes.values())}

    def _see_start(self, step: StepEventMetadata) -> None:
        if step.op is OpType.REFRESH:
            self._being_read.add(step.urn)
        else:
            self._note(step)

    def _see_end(self, step: StepEventMetadata) -> None:
        """What a refresh has found is known when it has been read."""
        if step.urn in self._being_read:
            self._being_read.remove(step.urn)
            self._note(step)

    def _note(self, step: StepEventMetadata) -> None:
        if step.op not in UNCHANGED and step.type != THE_STACK:
            self._changes[step.urn] = _change(step)


def masked(outputs: OutputMap, *, reveal: bool) -> dict[str, Any]:
    return {name: MASK if output.secret and not reveal else output.value for name, output in outputs.items()}


def _change(step: StepEventMetadata) -> Change:
    names: Sequence[str] = list(step.detailed_diff or step.diffs or ())
    return Change(
        urn=step.urn,
        type=step.type,
        name=step.urn.rpartition("::")[2],
        operation=step.op.value,
        properties=tuple(sorted(names)),
    )
