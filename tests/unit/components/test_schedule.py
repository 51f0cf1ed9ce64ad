"""The schedule's promise: the function is called when the expression says."""

from __future__ import annotations

from components.targets import TargetName
from tests.graph import build, config
from tests.reading import Reading


def test_clean_up_runs_when_the_stack_file_says(target: TargetName, read: Reading) -> None:
    graph = build(config(target, schedule={"cron": "30 4 * * 1"}))
    assert read.schedule(graph) == ("30 4 * * 1", "UTC", "cleanup")


def test_clean_up_runs_in_the_middle_of_the_night_unless_told_otherwise(target: TargetName, read: Reading) -> None:
    assert read.schedule(build(config(target))) == ("0 2 * * *", "UTC", "cleanup")
