"""Every name that we give is one that Azure takes, by what its documentation says of it, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.naming import LONGEST_COMPONENT_NAME, RULES, physical_name
from tests.graph import Graph, build, config

NAMES = st.text(alphabet="abcz019-_.", min_size=1, max_size=60)
COMPONENTS = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,2}", fullmatch=True).filter(
    lambda name: len(name) <= LONGEST_COMPONENT_NAME
)


@dataclass(frozen=True, kw_only=True)
class Said:
    """By AZURE_RULES of components/naming.py, where no other page says more."""

    lowest: int
    highest: int
    pattern: str


HOST = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
SAID: Mapping[str, Said] = {
    "resource_group": Said(lowest=1, highest=90, pattern=r"[A-Za-z0-9_().-]*[A-Za-z0-9_()-]"),
    "function": Said(lowest=2, highest=60, pattern=HOST),
    "plan": Said(lowest=1, highest=60, pattern=r"[A-Za-z0-9-]+"),
    "storage_account": Said(lowest=3, highest=24, pattern=r"[a-z0-9]+"),
    "vault": Said(lowest=3, highest=24, pattern=r"[A-Za-z](?!.*--)[A-Za-z0-9-]*[A-Za-z0-9]"),
    "database": Said(lowest=3, highest=44, pattern=r"[a-z0-9][a-z0-9-]*"),
    "service_bus": Said(lowest=6, highest=50, pattern=r"[A-Za-z](?!.*(-sb|-mgmt)$)[A-Za-z0-9-]*[A-Za-z0-9]"),
    "event_bus": Said(lowest=3, highest=50, pattern=r"[A-Za-z0-9-]+"),
    "gateway": Said(lowest=1, highest=50, pattern=r"[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?"),
    "workspace": Said(lowest=4, highest=63, pattern=r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])"),
    "insights": Said(lowest=1, highest=260, pattern=r"[^%&\\?/]*[^%&\\?/ .]"),
    "alert": Said(lowest=1, highest=260, pattern=r"[^*<>%:&\\?/{}#+@]*[^*<>%:&\\?/{}#+@ .]"),
    "logic_app": Said(lowest=1, highest=43, pattern=r"[A-Za-z0-9._()-]+"),
    "connection": Said(lowest=1, highest=80, pattern=r"[A-Za-z0-9._()-]+"),
    "identity": Said(lowest=3, highest=128, pattern=r"[A-Za-z0-9][A-Za-z0-9_-]*"),
    "scheduler": Said(lowest=3, highest=64, pattern=r"[A-Za-z0-9-]+"),
    "task_hub": Said(lowest=3, highest=45, pattern=r"[A-Za-z][A-Za-z0-9]*"),
}
KINDS = sorted(kind for target, kind in RULES if target == "azure")


def test_every_kind_of_name_is_looked_up() -> None:
    assert set(KINDS) == set(SAID)


@given(kind=st.sampled_from(KINDS), project=NAMES, stack=NAMES, name=COMPONENTS)
def test_a_name_is_one_that_azure_takes(kind: str, project: str, stack: str, name: str) -> None:
    made = physical_name(RULES["azure", kind], project=project, stack=stack, name=name, within="a-subscription")
    said = SAID[kind]
    assert said.lowest <= len(made) <= said.highest
    assert re.fullmatch(said.pattern, made), made


@given(kind=st.sampled_from(KINDS), project=NAMES, stack=NAMES, name=COMPONENTS)
def test_another_subscription_has_other_names(kind: str, project: str, stack: str, name: str) -> None:
    """Most names are those of a host, and so everybody's."""
    rule = RULES["azure", kind]
    names = {
        physical_name(rule, project=project, stack=stack, name=name, within=each) for each in ("", "first", "second")
    }
    assert len(names) == 3


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build(config("azure"))


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("servicebus.Queue", {"queueName": (1, 260)}),
        ("servicebus.Topic", {"topicName": (1, 260)}),
        ("servicebus.Subscription", {"subscriptionName": (1, 50)}),
        ("eventgrid.EventSubscription", {"eventSubscriptionName": (3, 64)}),
        ("storage.BlobContainer", {"containerName": (3, 63)}),
        ("cosmosdb.SqlResourceSqlContainer", {"containerName": (1, 255)}),
        ("apimanagement.ApiOperation", {"operationId": (1, 80)}),
    ],
)
def test_what_is_named_as_its_component_fits(graph: Graph, kind: str, inputs: Mapping[str, tuple[int, int]]) -> None:
    for found in graph.of(kind).values():
        for name, (lowest, highest) in inputs.items():
            assert lowest <= len(found.inputs[name]) <= highest
            assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", found.inputs[name])
