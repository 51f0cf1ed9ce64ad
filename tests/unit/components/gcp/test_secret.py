"""Secret Manager: one value in one version, in the region, that its reader gets mounted by number."""

from __future__ import annotations

import pulumi
import pytest

from components.function import Function
from components.secret import Secret, SecretArgs
from functions.environment import Variable
from tests.graph import Graph
from tests.unit.components.gcp.members import May, may
from tests.unit.components.making import Make, function_args, made_alone

VALUE = "word-of-the-day"


def secret(stage: str = "dev") -> Graph:
    def wire(make: Make) -> None:
        made = make(Secret, "api-key", SecretArgs(value=pulumi.Output.secret(VALUE)))
        make(Function, "reads", function_args(made.reader(Variable.PAYMENT_SECRET)))

    return made_alone("gcp", wire, stage=stage)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return secret()


def test_its_value_is_secret_and_in_one_place(graph: Graph) -> None:
    version = graph.one("secretmanager.SecretVersion", "api-key")
    assert (version.inputs["secretData"], version.secrets) == (VALUE, frozenset({"secretData"}))
    assert [found.urn for found in graph if VALUE in str(found.inputs)] == [version.urn]


def test_its_reader_may_read_it_and_nothing_else(graph: Graph) -> None:
    assert may(graph, "reads") == {May(role="secretmanager.secretAccessor", on="api-key")}


def test_a_variable_names_the_variable_that_holds_the_value(graph: Graph) -> None:
    config = graph.one("cloudfunctionsv2.Function", "reads").inputs["serviceConfig"]
    (mounted,) = config["secretEnvironmentVariables"]
    assert mounted["key"] == "ORDERLY_SECRET_API_KEY"
    assert ("ORDERLY_PAYMENT_SECRET", mounted["key"]) in config["environmentVariables"].items()


def test_it_stays_in_the_region(graph: Graph) -> None:
    """An organisation may forbid `auto`."""
    replication = graph.one("secretmanager.Secret", "api-key").inputs["replication"]
    assert replication == {"userManaged": {"replicas": [{"location": "europe-west1"}]}}


def test_an_old_version_can_be_had_back_for_a_week(graph: Graph) -> None:
    assert graph.one("secretmanager.Secret", "api-key").inputs["versionDestroyTtl"] == "604800s"


@pytest.mark.parametrize(
    ("stage", "protected", "policy"),
    [("dev", False, "DELETE"), ("staging", False, "DELETE"), ("prod", True, "PREVENT")],
)
def test_it_goes_with_the_stack_only_where_that_is_not_protected(stage: str, protected: bool, policy: str) -> None:
    inputs = secret(stage).one("secretmanager.Secret", "api-key").inputs
    assert (inputs["deletionProtection"], inputs["deletionPolicy"]) == (protected, policy)
