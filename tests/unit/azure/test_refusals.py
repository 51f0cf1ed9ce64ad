"""Each failure of Azure that our program could cause, beside the rule that finds it: the real graph, broken."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.azure.refusals import MODULES, RULES, refusals
from tests.unit.azure.breaking import built
from tests.unit.azure.broken import CASES


@pytest.mark.parametrize("rule", CASES)
def test_a_broken_system_is_refused_by_the_rule_for_it(rule: str) -> None:
    form, broken, said = CASES[rule]
    found = [line.partition(": ")[2] for line in refusals(broken(built(form))) if line.startswith(f"{rule}: ")]
    assert any(said in line for line in found), found


def test_every_rule_has_a_case() -> None:
    assert {rule.__name__ for rule in RULES} == CASES.keys()


def test_every_rule_of_a_module_is_asked() -> None:
    for module in MODULES:
        assert {rule.__name__ for rule in module.RULES} == set(_public_rules(module))


def _public_rules(module: ModuleType) -> Iterator[str]:
    for name, found in vars(module).items():
        is_own = getattr(found, "__module__", "") == module.__name__
        if is_own and not name.startswith("_") and [*getattr(found, "__annotations__", {})] == ["land", "return"]:
            yield name
