"""The archive's promise: only its writer writes."""

from __future__ import annotations

from components.targets import TargetName
from tests.graph import build, config
from tests.reading import Reading


def test_only_the_archiving_function_writes_the_archive(target: TargetName, read: Reading) -> None:
    graph = build(config(target))
    assert "write bucket/event-archive" in read.grants(graph, "archive-events")
    assert read.variables(graph, "archive-events")["ORDERLY_BUCKET"] == "event-archive"
