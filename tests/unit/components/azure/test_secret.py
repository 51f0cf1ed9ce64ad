"""What only Key Vault has: roles on single secrets, and names that stay taken."""

from __future__ import annotations

from typing import Any, cast

import pulumi
import pytest

from components.function import Function
from components.secret import Secret, SecretArgs
from functions.environment import Variable
from tests.azure.computed import SHAPES
from tests.graph import Graph
from tests.unit.components.azure.access import May, may
from tests.unit.components.making import Make, function_args, made_alone


def wire(make: Make) -> None:
    first, second = (make(Secret, name, SecretArgs(value=pulumi.Output.secret(name))) for name in ("word", "key"))
    make(Function, "pack", function_args(first.reader(Variable.PAYMENT_SECRET)))
    make(Function, "tell", function_args(second.reader(Variable.WEBHOOK_SECRET)))


@pytest.fixture(scope="module")
def graph() -> Graph:
    return made_alone("azure", wire)


def test_all_secrets_are_in_one_vault_that_goes_by_roles(graph: Graph) -> None:
    (vault,) = graph.of("keyvault.Vault").values()
    properties = vault.inputs["properties"]
    assert properties["enableRbacAuthorization"] is True
    assert properties["tenantId"] == "66666666-7777-8888-9999-aaaaaaaaaaaa"
    assert {found.inputs["vaultName"] for found in graph.of("keyvault.Secret").values()} == {vault.inputs["vaultName"]}


def test_a_system_without_secrets_has_no_vault() -> None:
    def without(make: Make) -> None:
        make(Function, "pack", function_args())

    assert made_alone("azure", without).of("keyvault.Vault") == {}


def test_a_function_may_read_its_secret_and_no_other(graph: Graph) -> None:
    for function, secret in (("pack", "word"), ("tell", "key")):
        read = {each for each in may(graph, function) if each.role == "SECRETS_USER"}
        assert read == {May(role="SECRETS_USER", on=f"keyvault.Secret/{secret}")}


def test_the_value_is_encrypted_in_the_state(graph: Graph) -> None:
    assert "properties" in graph.one("keyvault.Secret", "word").secrets


def test_a_deleted_vault_can_be_purged_in_development_and_not_in_production(graph: Graph) -> None:
    """Told that it may not be purged, Azure keeps to that for ever; told that it may, it refuses."""
    assert "enablePurgeProtection" not in graph.one("keyvault.Vault", "alone").inputs["properties"]
    production = made_alone("azure", wire, stage="prod").one("keyvault.Vault", "alone")
    assert production.inputs["properties"]["enablePurgeProtection"] is True
    assert production.protect


def test_a_system_that_is_made_again_has_another_vault_since_a_deleted_one_keeps_its_name_and_secrets(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    insights = SHAPES["azure-native:applicationinsights:Component"]
    monkeypatch.setitem(cast("dict[str, Any]", insights), "appId", "5c9f2f6c-6b1e-4a93-9a51-0d8f8a0f0a11")
    again = made_alone("azure", wire)
    first, second = (each.one("keyvault.Vault", "alone").inputs["vaultName"] for each in (graph, again))
    assert first != second
    assert first[:15] == second[:15]
