"""The foundation's promise: it is closed last, when everything stands on it."""

from __future__ import annotations

import pulumi
import pytest

from components.api import Api
from components.bucket import BucketArgs
from components.errors import WiringError
from components.foundation import Foundation, FoundationArgs
from components.local.bucket import Bucket
from tests.graph import build, config, record


def test_the_run_time_waits_for_every_declaration() -> None:
    graph = build(config("local"))
    run_time = graph.one("RunTime", "run-time")
    others = {found.urn for found in graph if found.type.startswith("local:") and found is not run_time}
    assert run_time.dependencies == others


def test_the_run_time_follows_every_declarations_digest() -> None:
    graph = build(config("local"))
    declared = {f"{found.kind.lower()}/{found.name}" for found in graph if found.type.startswith("local:")}
    assert set(graph.one("RunTime", "run-time").inputs["declarations"]) == declared - {"runtime/run-time"}


def test_the_folder_is_the_stacks_own() -> None:
    here, there = build(config("local"), stack="local"), build(config("local"), stack="second")
    assert here.outputs["folder"].endswith("/.orderly/local")
    assert there.outputs["folder"].endswith("/.orderly/second")


def test_the_folder_and_port_can_be_chosen() -> None:
    graph = build(config("local", local={"folder": "/srv/orders", "port": 0}))
    assert {found.inputs["home"] for found in graph if found.type.startswith("local:")} == {"/srv/orders"}
    assert graph.one("RunTime", "run-time").inputs["port"] == 0


def test_a_component_of_another_targets_foundation_is_refused() -> None:
    class Elsewhere(Foundation):
        def serve(self, api: Api) -> pulumi.Output[str]:
            return pulumi.Output.from_input(api.name)

    def program() -> dict[str, object]:
        elsewhere = Elsewhere("elsewhere", args=FoundationArgs(config=config("local")))
        Bucket("files", args=BucketArgs(deletion_protection=False), foundation=elsewhere)
        return {}

    with pytest.raises(WiringError, match="a local component needs a local foundation"):
        record(program)
