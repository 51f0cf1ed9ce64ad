"""Step Functions would accept the definitions that the system deploys, as far as asl-validator can tell."""

from __future__ import annotations

import pytest

from tests.conformance.saga.asl_validator import AslValidator
from tests.graph import build, config


@pytest.mark.parametrize("durability", ["standard", "express"])
def test_the_definition_of_a_state_machine_is_valid(durability: str) -> None:
    graph = build(config("aws", workflow={"durability": durability}))
    (state_machine,) = graph.of("sfn.StateMachine").values()
    with AslValidator() as validator:
        assert validator.errors(state_machine.inputs["definition"]) == []
