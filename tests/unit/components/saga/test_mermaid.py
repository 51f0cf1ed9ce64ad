"""The picture of a saga shows all of it, and nothing that is not in it."""

from __future__ import annotations

import itertools
import re

from hypothesis import given

from components.saga.definition import Case, Choice, Saga, Step
from components.saga.mermaid import diagram
from components.saga.order import ORDER_SAGA
from tests.conformance.saga.strategies import sagas

_BOX = re.compile(r"^    (\w+)[({\[]", re.MULTILINE)
_ARROW = re.compile(r"^    (\w+)\S* (?:-->|-- .+ -->|-\. .+ \.->) (\w+)", re.MULTILINE)


@given(sagas())
def test_every_arrow_joins_two_boxes_and_no_box_is_drawn_twice(saga: Saga) -> None:
    text = diagram(saga)
    boxes = _BOX.findall(text)
    assert len(boxes) == len(set(boxes))
    ends = {end for arrow in _ARROW.findall(text) for end in arrow}
    assert ends == set(boxes)


@given(sagas())
def test_every_task_is_in_the_picture(saga: Saga) -> None:
    text = diagram(saga)
    undo = [step.compensation.task for step in saga.steps() if step.compensation]
    assert all(f"[/{task}/]" in text for task in (*undo, saga.on_failed))
    assert all(f'["{step.name}' in text for step in saga.steps())
    assert (f"[/{saga.on_rejected}/]" in text) == any(step.rejects for step in saga.steps())


def test_compensations_are_chained_in_the_order_in_which_they_run() -> None:
    chain = ["notify_warehouse", "commit_inventory", "process_payment", "reserve_inventory"]
    text = diagram(ORDER_SAGA)
    for first, second in itertools.pairwise(chain):
        assert re.search(rf"{first}_undone\[/.+/\] --> {second}_undone", text)


def test_each_arm_of_a_choice_is_labelled_with_its_result() -> None:
    first, second = (Step(name=name, task=name, timeout_seconds=1) for name in ("ask", "review"))
    fork = Choice(name="fork", of="ask", cases=(Case(result="odd", steps=(second,)),))
    text = diagram(Saga(name="s", nodes=(first, fork), on_rejected="no", on_failed="no"))
    assert "fork_ -- odd --> review_" in text
    assert "fork_ -- otherwise --> succeeded" in text
