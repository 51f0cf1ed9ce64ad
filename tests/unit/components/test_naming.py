"""Physical names are legal wherever they are used, and nobody else's."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.errors import WiringError
from components.naming import RULES, NameRule, physical_name, require_component_name
from tests.graph import build, config

SYLLABLES = ("goog", "og", "g00gle", "aws", "amazon", "cognito", "x", "Z", "0", "9", "-", "_", ".", "long-winded")
PULUMI_NAME = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=40).map(lambda parts: "".join(parts)[:100])
COMPONENT_NAME = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True).filter(
    lambda name: len(name) <= 40
)
LEGAL = {separator: re.compile(rf"[a-z][a-z0-9]*({separator}[a-z0-9]+)*") for separator in ("-", "_", "")}


@given(rule=st.sampled_from(list(RULES.values())), project=PULUMI_NAME, stack=PULUMI_NAME, name=COMPONENT_NAME)
@example(rule=RULES["gcp", "custom_role"], project="9-9", stack="dev", name="orders")
@example(rule=RULES["gcp", "custom_role"], project="x" * 32, stack="dev", name="orders")
def test_a_name_is_legal_for_every_project_and_stack(rule: NameRule, project: str, stack: str, name: str) -> None:
    made = physical_name(rule, project=project, stack=stack, name=name)
    assert LEGAL[rule.separator].fullmatch(made), made
    assert 8 <= len(made) <= rule.longest
    assert not any(word in made for word in rule.forbidden)


@given(project=PULUMI_NAME, stack=PULUMI_NAME, name=COMPONENT_NAME)
def test_a_name_is_the_same_every_time(project: str, stack: str, name: str) -> None:
    rule = RULES["aws", "queue"]
    first = physical_name(rule, project=project, stack=stack, name=name)
    assert first == physical_name(rule, project=project, stack=stack, name=name)


def test_names_that_read_alike_are_told_apart() -> None:
    rule = RULES["aws", "queue"]
    one = physical_name(rule, project="a-b", stack="c", name="orders")
    other = physical_name(rule, project="a", stack="b-c", name="orders")
    assert one != other
    assert one[:-8] == other[:-8] == "a-b-c-orders-"


def test_what_is_cut_away_still_tells_names_apart() -> None:
    rule = RULES["azure", "storage_account"]
    names = {physical_name(rule, project="a-rather-long-project", stack="prod", name=f"queue-{i}") for i in range(99)}
    assert len(names) == 99


def test_every_rule_says_where_it_comes_from() -> None:
    assert all(rule.source for rule in RULES.values())


@pytest.mark.parametrize("name", ["", "Orders", "order_events", "-orders", "orders-", "a--b", "7up", "x" * 41])
def test_a_component_has_a_name_that_every_target_can_use(name: str) -> None:
    with pytest.raises(WiringError, match="a name is up to 40 lower-case letters, digits and single hyphens"):
        require_component_name(name)


def test_every_component_of_the_system_has_such_a_name() -> None:
    for resource in build(config()):
        if resource.type.startswith("orderly:"):
            require_component_name(resource.name)
