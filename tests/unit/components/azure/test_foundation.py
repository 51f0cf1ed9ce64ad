"""What a system on Azure stands on: one subscription, one group, nothing that a key opens."""

from __future__ import annotations

import json
import re

import pytest

from components.azure.foundation import _tag
from tests.graph import Graph, build, config

KEYS = re.compile(r"AccountKey=|SharedAccessKey|sig=|listKeys|primaryKey|InstrumentationKey=[^;]*$")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build(config("azure"))


def test_everything_is_made_by_a_provider_of_the_configured_subscription(graph: Graph) -> None:
    (provider,) = [found for found in graph if found.type == "pulumi:providers:azure-native"]
    assert provider.inputs["subscriptionId"] == "11111111-2222-3333-4444-555555555555"
    assert provider.inputs["tenantId"] == "66666666-7777-8888-9999-aaaaaaaaaaaa"
    assert {found.id.split("/")[2] for found in graph if found.id.startswith("/subscriptions/")} == {
        "11111111-2222-3333-4444-555555555555"
    }


def test_everything_is_in_one_resource_group_of_the_system(graph: Graph) -> None:
    group = graph.one("resources.ResourceGroup", "orderly").inputs
    assert group["tags"] == {"orderly-project": "orderly", "orderly-stack": "local", "orderly-stage": "dev"}
    named = {found.inputs["resourceGroupName"] for found in graph if "resourceGroupName" in found.inputs}
    assert named == {group["resourceGroupName"]}


def test_everything_is_where_the_configuration_says(graph: Graph) -> None:
    placed = {found.inputs["location"] for found in graph if "location" in found.inputs}
    assert placed == {"westeurope", "global"}


def test_no_key_and_no_connection_string_with_one_is_anywhere(graph: Graph) -> None:
    found = [each.name for each in graph if KEYS.search(json.dumps(each.inputs, default=str))]
    assert found == []


def test_whatever_knows_keys_has_them_off(graph: Graph) -> None:
    local = [found for found in graph if "disableLocalAuth" in found.inputs]
    assert {found.kind for found in local} == {
        "applicationinsights.Component",
        "cosmosdb.DatabaseAccount",
        "eventgrid.Topic",
        "servicebus.Namespace",
    }
    assert all(found.inputs["disableLocalAuth"] is True for found in local)
    accounts = graph.of("storage.StorageAccount").values()
    assert {found.inputs["allowSharedKeyAccess"] for found in accounts} == {False}


def test_an_operator_is_told_where_to_look(graph: Graph) -> None:
    assert (
        graph.outputs["resource_group"] == graph.one("resources.ResourceGroup", "orderly").inputs["resourceGroupName"]
    )
    assert graph.outputs["location"] == "westeurope"


@pytest.mark.parametrize(("text", "tag"), [("a-b", "a-b"), ("a/b?c", "a-b-c"), ("x" * 300, "x" * 256)])
def test_a_tag_has_no_character_that_azure_refuses(text: str, tag: str) -> None:
    assert _tag(text) == tag
