"""The API's promise: one address, limits, and the origins that browsers may call it from."""

from __future__ import annotations

from components.capabilities import CAPABILITIES
from components.targets import TargetName
from tests.graph import build, config
from tests.reading import Reading


def test_requests_are_limited_as_configured_unless_the_target_declares_that_it_cannot(
    target: TargetName, read: Reading
) -> None:
    is_declared = "rate and burst" in {difference.promise for difference in CAPABILITIES[target].differences}
    limits = read.throttle(build(config(target, api={"rate_per_second": 20, "burst": 40})))
    assert limits == (None if is_declared else (20, 40))


def test_the_api_function_knows_its_origins_and_how_long_a_key_is_remembered(target: TargetName, read: Reading) -> None:
    api = {"cors_origins": ["https://a.example", "https://b.example"], "idempotency_hours": 48}
    variables = read.variables(build(config(target, api=api)), "api")
    assert variables["ORDERLY_CORS_ORIGINS"] == "https://a.example,https://b.example"
    assert variables["ORDERLY_IDEMPOTENCY_HOURS"] == "48"


def test_the_stack_exports_where_the_api_answers(target: TargetName) -> None:
    outputs = build(config(target)).outputs
    assert outputs["api_url"].startswith("http")
    assert (outputs["target"], outputs["stage"]) == (target, "dev")


def test_the_run_time_waits_for_every_declaration() -> None:
    graph = build(config("local"))
    run_time = graph.one("RunTime", "run-time")
    others = {found.urn for found in graph if found.type.startswith("local:") and found is not run_time}
    assert run_time.dependencies == others


def test_the_run_time_follows_every_declarations_digest() -> None:
    graph = build(config("local"))
    declared = {f"{found.kind.lower()}/{found.name}" for found in graph if found.type.startswith("local:")}
    assert set(graph.one("RunTime", "run-time").inputs["declarations"]) == declared - {"runtime/run-time"}
