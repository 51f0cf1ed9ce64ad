"""The database's promise: a change feed, and protection where the stage asks for it."""

from __future__ import annotations

from components.targets import TargetName
from tests.graph import build, config
from tests.reading import Reading


def test_the_change_feed_calls_the_relay_which_reads_nothing_else(target: TargetName, read: Reading) -> None:
    graph = build(config(target))
    assert read.change_feed(graph) == "relay"
    assert "consume database/orders" in read.grants(graph, "relay")
    assert "read database/orders" not in read.grants(graph, "relay")


def test_production_cannot_delete_what_customers_gave_it(target: TargetName, read: Reading) -> None:
    assert read.protected(build(config(target, stage="prod"))) >= {"database/orders", "bucket/event-archive"}


def test_development_deletes_what_it_made(target: TargetName, read: Reading) -> None:
    assert read.protected(build(config(target, stage="dev"))) == frozenset()


def test_the_stack_file_overrides_the_stages_protection(target: TargetName, read: Reading) -> None:
    unprotected = config(target, stage="prod", database={"deletion_protection": False})
    assert read.protected(build(unprotected)) == frozenset()
