"""Secrets that are there when an instance starts."""

from __future__ import annotations

import pytest

from functions.adapters.azure.ports import AzurePorts
from functions.adapters.azure.secrets import MountedSecrets, SecretNotMountedError
from functions.domain.errors import RetryableError
from functions.environment import Environment
from tests.conformance.azure_target import AzureTarget

NAME = "ORDERLY_SECRET_PAYMENT"


def test_a_rotated_secret_comes_with_the_next_instance(azure: AzureTarget) -> None:
    azure.put_secret("api-key", "first")
    assert azure.secrets.get("api-key") == "first"
    azure.put_secret("api-key", "second")
    assert AzurePorts(Environment(azure.environment.values)).secrets.get("api-key") == "second"


def test_a_secret_is_the_value_of_the_variable_that_it_is_named_by() -> None:
    assert MountedSecrets({NAME: "hush"}).get(NAME) == "hush"


def test_a_secret_that_is_not_mounted_says_what_to_do() -> None:
    with pytest.raises(SecretNotMountedError, match=f"{NAME}: link the function"):
        MountedSecrets({}).get(NAME)


def test_a_reference_that_was_not_resolved_is_not_taken_for_the_secret() -> None:
    reference = "@Microsoft.KeyVault(VaultName=orders;SecretName=payment-api-key)"
    with pytest.raises(RetryableError, match=f"{NAME} is still a reference"):
        MountedSecrets({NAME: reference}).get(NAME)
