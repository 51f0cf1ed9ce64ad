"""Each target that exists mirrors the contracts: the same modules, classes, members and signatures."""

from __future__ import annotations

import dataclasses
import inspect
from importlib import import_module
from pathlib import Path

import pytest

from components.component import Component
from components.group import Group
from components.targets import TargetName, existing
from tests.architecture.source import ROOT, modules, public_names
from tests.readings import READINGS

CONTRACTS = {
    "api": "Api",
    "bucket": "Bucket",
    "database": "Database",
    "event_bus": "EventBus",
    "foundation": "Foundation",
    "function": "Function",
    "issuer": "Issuer",
    "notification": "Notification",
    "observability": "Observability",
    "queue": "Queue",
    "schedule": "Schedule",
    "secret": "Secret",
    "topic": "Topic",
    "workflow": "Workflow",
}
MAKES_NOTHING = {("gcp", "issuer"), ("azure", "issuer"), ("azure", "schedule")}
"""A component that only says what is configured, or tells a function's own trigger."""
each_target = pytest.mark.parametrize("target", existing())
each_contract = pytest.mark.parametrize("module", CONTRACTS)


def _contract(module: str) -> type[Group]:
    found: type[Group] = getattr(import_module(f"components.{module}"), CONTRACTS[module])
    return found


def _implementation(target: TargetName, module: str) -> type[Group]:
    found: type[Group] = getattr(import_module(f"components.{target}.{module}"), CONTRACTS[module])
    return found


def test_the_contracts_are_all_there_are() -> None:
    declared = set()
    for name in modules("components"):
        if name.count(".") == 1 and name != "components.system":
            module = import_module(name)
            declared |= {
                name.rpartition(".")[2]
                for kind in vars(module).values()
                if inspect.isclass(kind)
                and kind.__module__ == name
                and issubclass(kind, Group)
                and kind not in (Group, Component)
            }
    assert declared == set(CONTRACTS)


@each_target
def test_a_target_has_exactly_the_contracts_modules(target: TargetName) -> None:
    folder = ROOT / "components" / target
    assert {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")} == set(CONTRACTS)


@each_target
@each_contract
def test_a_targets_module_publishes_the_contracts_class_and_no_other(target: TargetName, module: str) -> None:
    path = Path(inspect.getfile(_implementation(target, module)))
    names = {name for name in public_names(path) if not name.isupper()}
    assert names == {CONTRACTS[module]}


@each_target
@each_contract
def test_a_targets_class_keeps_the_contract(target: TargetName, module: str) -> None:
    implementation = _implementation(target, module)
    assert issubclass(implementation, _contract(module))
    assert not inspect.isabstract(implementation)


@each_target
@each_contract
def test_a_targets_class_adds_no_public_member(target: TargetName, module: str) -> None:
    own = {name for name in vars(_implementation(target, module)) if not name.startswith("_")}
    contract = _contract(module)
    promised = {name for kind in contract.__mro__ for name in (*vars(kind), *vars(kind).get("__annotations__", {}))}
    assert own <= promised


@each_target
@each_contract
def test_a_targets_signatures_are_the_contracts(target: TargetName, module: str) -> None:
    implementation, contract = _implementation(target, module), _contract(module)
    for name, member in vars(implementation).items():
        if inspect.isfunction(member) and hasattr(contract, name) and name != "__init__":
            assert inspect.signature(member) == inspect.signature(getattr(contract, name)), name


@each_target
@each_contract
def test_a_component_is_made_alike_on_every_target(target: TargetName, module: str) -> None:
    made = inspect.signature(_implementation(target, module).__init__)
    assert list(made.parameters) == (
        ["self", "name", "args", "transform", "opts"]
        if module == "foundation"
        else ["self", "name", "args", "foundation", "transform", "opts"]
    )
    assert made.parameters["args"].annotation == f"{CONTRACTS[module]}Args"
    assert all(made.parameters[name].kind is inspect.Parameter.KEYWORD_ONLY for name in list(made.parameters)[2:])


@each_target
@pytest.mark.parametrize("module", sorted(CONTRACTS.keys() - {"foundation"}))
def test_a_targets_class_names_what_a_transform_can_reach(target: TargetName, module: str) -> None:
    assert bool(_implementation(target, module).CHILDREN) is ((target, module) not in MAKES_NOTHING)


@each_contract
def test_a_contracts_arguments_are_frozen_and_named(module: str) -> None:
    arguments = getattr(import_module(f"components.{module}"), f"{CONTRACTS[module]}Args")
    assert arguments.__dataclass_params__.frozen
    assert all(field.kw_only for field in dataclasses.fields(arguments))


@each_contract
def test_a_contracts_docstring_compares_all_four_targets(module: str) -> None:
    table = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (import_module(f"components.{module}").__doc__ or "").splitlines()
        if line.startswith("|") and not line.startswith("|--")
    ]
    heads, first_column = set(table[0]), {row[0] for row in table}
    assert {"aws", "gcp", "azure", "local"} <= heads | first_column
    assert all(len(row) == len(table[0]) for row in table)


def test_every_target_that_exists_has_a_reading() -> None:
    assert set(READINGS) == set(existing())
