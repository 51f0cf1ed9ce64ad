"""Every stack file, run as `pulumi up` runs it, up to the provider."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pulumi
import pytest
import yaml

from components import contradictions
from components.errors import ConfigError
from components.schema import stack_file_schema
from tests.graph import Graph, record

ROOT = Path(__file__).parents[2]
STACKS = ("local", "dev", "prod")
SCHEMA = ROOT / "schema" / "orderly.schema.json"


def _stack_file(stack: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    return content


@pytest.fixture(autouse=True)
def _no_settings_stay_behind() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({}, [])


def _up(stack: str, **changed: str) -> Graph:
    """Run __main__.py with the stack file's settings, some of them changed as `pulumi config set` would."""
    settings: Mapping[str, Any] = {
        **_stack_file(stack)["config"],
        **{f"orderly:{name}": value for name, value in changed.items()},
    }
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()}
    pulumi.runtime.set_all_config(texts, [])
    return record(_program, stack=stack)


def _program() -> Mapping[str, pulumi.Input[Any]]:
    outputs: Mapping[str, pulumi.Input[Any]] = runpy.run_path(str(ROOT / "__main__.py"))["system"].outputs
    return outputs


def test_there_is_a_test_for_every_stack_file() -> None:
    assert {path.stem.partition(".")[2] for path in ROOT.glob("Pulumi.*.yaml")} == set(STACKS)


def test_the_local_stack_comes_up_with_one_run_time() -> None:
    graph = _up("local")
    assert list(graph.of("RunTime")) == ["run-time"]
    assert graph.outputs["api_url"] == "http://127.0.0.1:8080"
    assert graph.outputs["stage"] == "dev"


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_stack_comes_up_on_aws_in_its_region(stack: str) -> None:
    graph = _up(stack)
    assert (graph.outputs["target"], graph.outputs["stage"]) == ("aws", stack)
    assert graph.outputs["api_url"].startswith("https://")
    assert ".eu-central-1." in graph.outputs["api_url"]


def test_only_production_on_aws_is_kept_warm_and_protected() -> None:
    kinds = ("lambda.ProvisionedConcurrencyConfig", "appautoscaling.Policy")
    prod, dev = _up("prod"), _up("dev")
    assert [list(prod.of(kind)) for kind in kinds] == [["api"], ["api"]]
    assert [list(dev.of(kind)) for kind in kinds] == [[], []]
    (table,) = prod.of("dynamodb.Table").values()
    assert (table.protect, table.inputs["deletionProtectionEnabled"]) == (True, True)
    assert not any(found.protect for found in dev)


def test_a_stack_whose_target_is_not_built_yet_is_refused_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contradictions, "existing", lambda: ("aws", "gcp", "local"))
    with pytest.raises(ConfigError) as refused:
        _up("prod", target="azure")
    assert str(refused.value) == (
        "orderly:target: azure is not allowed; allowed is aws, gcp or local (azure is not built yet); "
        "set it with: pulumi config set target local"
    )


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_stack_comes_up_on_one_machine_when_it_is_told_to(stack: str) -> None:
    graph = _up(stack, target="local")
    assert (graph.outputs["target"], graph.outputs["stage"]) == ("local", stack)


def test_production_on_one_machine_keeps_productions_settings() -> None:
    graph = _up("prod", target="local")
    assert graph.one("Database", "orders").protect
    assert graph.one("Queue", "fulfilment").inputs["max_receive_count"] == 10
    assert graph.one("RunTime", "run-time").inputs["log_level"] == "WARNING"


def test_the_schema_for_editors_is_current() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == stack_file_schema(), (
        "run: python -m components.config > schema/orderly.schema.json"
    )


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_file_names_the_schema_and_keeps_to_it(stack: str) -> None:
    first_line, _, _ = (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8").partition("\n")
    assert first_line == "# yaml-language-server: $schema=schema/orderly.schema.json"
    _validate(_stack_file(stack))


def _validate(content: Mapping[str, Any]) -> None:
    jsonschema.validate(content, json.loads(SCHEMA.read_text(encoding="utf-8")), jsonschema.Draft202012Validator)


def test_an_encrypted_secret_and_the_engines_own_keys_keep_to_the_schema() -> None:
    payments = {"url": "https://pay.example", "api_key": {"secure": "v1:abc:def"}}
    _validate(
        {
            "encryptionsalt": "v1:salt",
            "config": {"orderly:target": "local", "orderly:payments": payments, "aws:region": "eu-central-1"},
        }
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"orderly:target": "heroku"},
        {"orderly:target": "local", "orderly:querys": {}},
        {"orderly:target": "local", "orderly:queues": {"visibilty_timeout": "30s"}},
        {"orderly:target": "local", "orderly:queues": {"visibility_timeout": 30}},
        {"orderly:target": "local", "orderly:queues": {"max_receive_count": 3}},
        {"orderly:stage": "dev"},
    ],
)
def test_an_editor_marks_what_the_program_would_refuse(wrong: Mapping[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        _validate({"config": wrong})


def test_the_schemas_defaults_are_written_as_a_stack_file_would() -> None:
    definitions = stack_file_schema()["$defs"]
    assert definitions["QueuesConfig"]["properties"]["visibility_timeout"]["default"] == "1m"
    assert "visibility_timeout" in definitions["QueueOverride"]["properties"]


def test_the_program_is_short_enough_to_be_read_at_once() -> None:
    assert len((ROOT / "__main__.py").read_text(encoding="utf-8").splitlines()) <= 15
