"""A saga as a Mermaid flow chart: down the left what is done, up the right what is undone.

The picture is of the definition, so it is true of every engine. A failure enters the right side at the compensation of
the last step that may have happened, and falls through to the end; only that much of it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.saga.definition import Choice, Node, Parallel, Saga, Step


def diagram(saga: Saga) -> str:
    """The same saga always gives the same text."""
    lines = ["flowchart TD", *(f"    {line}" for line in (*_forward(saga), *_backward(saga)))]
    return "\n".join(lines) + "\n"


def _forward(saga: Saga) -> Iterator[str]:
    yield "start((start))"
    ends: list[str] = ["start"]
    for node in saga.nodes:
        lines, ends = _node(node, ends)
        yield from lines
    yield "succeeded([succeeded])"
    yield from _arrows(ends, "succeeded")


def _node(node: Node, before: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines that draw a node after the ends of the one before it, and the node's own ends."""
    if isinstance(node, Step):
        return [_box(node), *_arrows(before, _id(node.name))], [_id(node.name)]
    lines = [_fork(node), *_arrows(before, _id(node.name))]
    ends: list[str] = []
    for label, steps in _sequences(node):
        last = _id(node.name)
        for step in steps:
            lines += [
                _box(step),
                f"{last} -- {label} --> {_id(step.name)}" if label else f"{last} --> {_id(step.name)}",
            ]
            label, last = "", _id(step.name)
        ends.append(f"{last} -- {label}" if label else last)
    return lines, ends


def _sequences(node: Parallel | Choice) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """Each with what is written at its first arrow."""
    if isinstance(node, Parallel):
        yield from (("", branch) for branch in node.branches)
    else:
        yield from ((case.result, case.steps) for case in node.cases)
        yield "otherwise", node.otherwise


def _backward(saga: Saga) -> Iterator[str]:
    """Compensations in the order in which they run, then the record of the end."""
    yield from _record("failed", saga.on_failed)
    after = "record_failed"
    for step in saga.steps():
        if step.compensation:
            undo = f"{_id(step.name)}undone"
            yield f"{undo}[/{step.compensation.task}/] --> {after}"
            yield f"{_id(step.name)} -. undone by .-> {undo}"
            after = undo
    rejecting = [step for step in saga.steps() if step.rejects]
    if rejecting:
        yield from _record("rejected", saga.on_rejected)
        yield from (f"{_id(step.name)} -. says no, all is undone .-> record_rejected" for step in rejecting)


def _record(outcome: str, task: str) -> Iterator[str]:
    yield f"{outcome}([{outcome}])"
    yield f"record_{outcome}[/{task}/] --> {outcome}"


def _arrows(ends: Sequence[str], to: str) -> Iterator[str]:
    yield from (f"{end} --> {to}" for end in ends)


def _box(step: Step) -> str:
    attempts = f"<br/>up to {step.retry.attempts} attempts" if step.retry.attempts > 1 else ""
    return f'{_id(step.name)}["{step.name}{attempts}"]'


def _fork(node: Parallel | Choice) -> str:
    if isinstance(node, Parallel):
        return f"{_id(node.name)}{{{{{node.name}: all of}}}}"
    return f"{_id(node.name)}{{{node.name}: result of {node.of}}}"


def _id(name: str) -> str:
    """Ends in an underscore, which no word of Mermaid's own and no other name in the picture does."""
    return name.replace("-", "_") + "_"
