"""Secrets that are mounted when an instance starts."""

from __future__ import annotations

import pytest

from functions.adapters.gcp.ports import GcpPorts
from functions.adapters.gcp.secrets import MountedSecrets, SecretNotMountedError
from functions.environment import Environment
from tests.conformance.gcp_target import GcpTarget

NAME = "ORDERLY_SECRET_PAYMENT"


def test_a_rotated_secret_comes_with_the_next_instance(gcp: GcpTarget) -> None:
    gcp.put_secret("api-key", "first")
    assert gcp.secrets.get("api-key") == "first"
    gcp.put_secret("api-key", "second")
    assert gcp.secrets.get("api-key", fresh=True) == "first"
    assert GcpPorts(Environment.from_process()).secrets.get("api-key") == "second"


def test_a_secret_is_the_value_of_the_variable_that_it_is_named_by() -> None:
    assert MountedSecrets({NAME: "hush"}).get(NAME) == "hush"


def test_a_secret_that_is_not_mounted_says_what_to_do() -> None:
    with pytest.raises(SecretNotMountedError, match=f"{NAME}: link the function"):
        MountedSecrets({}).get(NAME)
