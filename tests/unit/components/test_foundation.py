"""The foundation's promise: everything of a system stands on it, and on no other."""

from __future__ import annotations

import pytest

from components.bucket import BucketArgs
from components.errors import ConfigError, WiringError
from components.foundation import Foundation, FoundationArgs
from components.local.bucket import Bucket
from tests.graph import build, config, record


def test_the_folder_is_the_stacks_own() -> None:
    here, there = build(config("local"), stack="local"), build(config("local"), stack="second")
    assert here.outputs["folder"].endswith("/.orderly/local")
    assert there.outputs["folder"].endswith("/.orderly/second")


def test_the_folder_and_port_can_be_chosen() -> None:
    graph = build(config("local", local={"folder": "/srv/orders", "port": 0}))
    assert {found.inputs["home"] for found in graph if found.type.startswith("local:")} == {"/srv/orders"}
    assert graph.one("RunTime", "run-time").inputs["port"] == 0


def test_a_stack_never_gets_the_folder_of_pulumis_own_state() -> None:
    with pytest.raises(
        ConfigError, match=r"orderly:local\.folder: missing for a stack that is named state; allowed is"
    ):
        build(config("local"), stack="state")
    assert build(config("local", local={"folder": "elsewhere"}), stack="state").outputs["folder"].endswith("/elsewhere")


def test_a_component_of_another_targets_foundation_is_refused() -> None:
    class Elsewhere(Foundation):
        """Another target's."""

    def program() -> dict[str, object]:
        elsewhere = Elsewhere("elsewhere", args=FoundationArgs(config=config("local")))
        Bucket("files", args=BucketArgs(deletion_protection=False), foundation=elsewhere)
        return {}

    with pytest.raises(WiringError, match="a local component needs a local foundation"):
        record(program)


def test_a_folder_beside_the_project_is_written_from_the_root() -> None:
    folder = build(config("local", local={"folder": "../beside"})).outputs["folder"]
    assert folder.startswith("/")
    assert folder.endswith("/beside")
    assert ".." not in folder
