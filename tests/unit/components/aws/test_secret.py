"""The secret: one value in Secrets Manager, told to functions by its ARN."""

from __future__ import annotations

import pulumi
import pytest

from components.aws._secrets import Value
from components.behind import behind
from components.errors import WiringError
from components.function import Function
from components.secret import Secret, SecretArgs
from functions.environment import Variable
from tests.graph import Graph
from tests.unit.components.aws.policies import allowing
from tests.unit.components.making import Make, function_args, made_alone

VALUE = "word-of-the-day"


def secret(stage: str = "dev") -> Graph:
    def wire(make: Make) -> None:
        made = make(Secret, "word", SecretArgs(value=pulumi.Output.secret(VALUE)))
        make(Function, "reader", function_args(made.reader(Variable.PAYMENT_SECRET)))

    return made_alone("aws", wire, stage=stage)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return secret()


def test_its_reader_may_get_its_value_and_that_of_no_other(graph: Graph) -> None:
    arn = graph.one("secretsmanager.Secret", "word").state["arn"]
    (read,) = allowing(graph, "reader", "secretsmanager:GetSecretValue")
    assert (read["Action"], read["Resource"]) == (["secretsmanager:GetSecretValue"], [arn])
    assert graph.one("lambda.Function", "reader").inputs["environment"]["variables"]["ORDERLY_PAYMENT_SECRET"] == arn


def test_its_value_is_secret_and_in_one_place(graph: Graph) -> None:
    version = graph.one("secretsmanager.SecretVersion", "word")
    assert (version.inputs["secretString"], version.secrets) == (VALUE, frozenset({"secretString"}))
    assert [found.name for found in graph if VALUE in str(found.inputs)] == ["word"]


def test_a_function_that_reads_it_waits_for_its_value(graph: Graph) -> None:
    assert graph.one("secretsmanager.SecretVersion", "word").urn in graph.one("lambda.Function", "reader").dependencies


@pytest.mark.parametrize(("stage", "days"), [("dev", 0), ("staging", 0), ("prod", 30)])
def test_its_name_is_free_again_at_once_where_a_stack_may_go(stage: str, days: int) -> None:
    """A name is blocked while its secret can still be recovered, so the next `up` would fail."""
    assert secret(stage).one("secretsmanager.Secret", "word").inputs["recoveryWindowInDays"] == days


def test_where_aws_takes_no_reference_the_value_is_passed_on_as_a_secret() -> None:
    def wire(make: Make) -> None:
        made = make(Secret, "word", SecretArgs(value=pulumi.Output.secret(VALUE)))
        make(Secret, "copy", SecretArgs(value=behind(made, Value).text))

    copy = made_alone("aws", wire).one("secretsmanager.SecretVersion", "copy")
    assert (copy.inputs["secretString"], copy.secrets) == (VALUE, frozenset({"secretString"}))


def test_a_secret_of_another_target_has_no_value_here() -> None:
    def wire(make: Make) -> None:
        behind(make(Secret, "word", SecretArgs(value=pulumi.Output.secret(VALUE))), Value)

    with pytest.raises(WiringError, match=r"word is of components\.local\.secret and has no Value behind it"):
        made_alone("local", wire)
