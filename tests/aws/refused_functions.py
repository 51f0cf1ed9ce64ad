"""Functions that AWS does not make, or that nothing can call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.aws.landscape import Landscape
from tests.graph import Resource

ENVIRONMENT_BYTES = 4_096
RESERVED = re.compile(r"_HANDLER|_X_AMZN_.*|AWS_(REGION|DEFAULT_REGION|ACCESS_KEY.*|SECRET_ACCESS_KEY|SESSION_TOKEN)|"
                      r"AWS_(EXECUTION_ENV|LAMBDA_.*)|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|TZ")  # fmt: skip
"""docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
ACCOUNT_CONCURRENCY = 1_000
KEPT_UNRESERVED = 100
LARGEST_SNAPSHOT_DISK_MB = 512


def environment_too_large(land: Landscape) -> Iterator[str]:
    for function in land.of("lambda.Function"):
        size = sum(len(f"{name}{value}".encode()) for name, value in _variables(function).items())
        if size > ENVIRONMENT_BYTES:
            yield f"{function.name} has {size} bytes of environment variables; the limit is {ENVIRONMENT_BYTES}"


def reserved_variable(land: Landscape) -> Iterator[str]:
    for function in land.of("lambda.Function"):
        for name in filter(RESERVED.fullmatch, _variables(function)):
            yield f"{function.name} sets {name}, which is Lambda's own"


def permission_without_the_alias(land: Landscape) -> Iterator[str]:
    """Whoever calls the alias needs a permission on it; one on the function alone does not count."""
    for permission in land.of("lambda.Permission"):
        function = land.function_of(permission.inputs["function"])
        alias = function and land.alias_of(function)
        if alias and permission.inputs.get("qualifier") != alias.inputs["name"]:
            yield f"{permission.name} is for {permission.inputs.get('qualifier')}; called is {alias.inputs['name']}"


def snapshot_with_what_excludes_it(land: Landscape) -> Iterator[str]:
    for function in land.of("lambda.Function"):
        if function.inputs.get("snapStart", {}).get("applyOn") != "PublishedVersions":
            continue
        if any(land.function_of(each.inputs["functionName"]) is function for each in _provisioned(land)):
            yield f"{function.name} has SnapStart and provisioned concurrency, which exclude each other"
        if function.inputs.get("ephemeralStorage", {}).get("size", 0) > LARGEST_SNAPSHOT_DISK_MB:
            yield f"{function.name} has SnapStart and more than {LARGEST_SNAPSHOT_DISK_MB} MB of /tmp"
        if "fileSystemConfig" in function.inputs:
            yield f"{function.name} has SnapStart and a file system"


def weighted_alias_with_provisioned_concurrency(land: Landscape) -> Iterator[str]:
    for alias in land.of("lambda.Alias"):
        weights = alias.inputs.get("routingConfig", {}).get("additionalVersionWeights", {})
        if len(weights) > 1:
            yield f"{alias.name} routes to {len(weights)} more versions; there can be one"
        if weights and any(each.inputs.get("qualifier") == alias.inputs["name"] for each in _provisioned(land)):
            yield f"{alias.name} has weights, so it cannot have provisioned concurrency"


def alias_of_an_unpublished_version(land: Landscape) -> Iterator[str]:
    for alias in land.of("lambda.Alias"):
        if alias.inputs["functionVersion"] == "$LATEST":
            yield f"{alias.name} points to $LATEST; the function has to publish"


def concurrency_beyond_the_account(land: Landscape) -> Iterator[str]:
    """Of an account with Lambda's default quota; new accounts have less, so `dev` reserves nothing."""
    reserved = sum(max(0, _reserved(function)) for function in land.of("lambda.Function"))
    if reserved > ACCOUNT_CONCURRENCY - KEPT_UNRESERVED:
        yield f"{reserved} are reserved; {KEPT_UNRESERVED} of {ACCOUNT_CONCURRENCY} have to be left"


def concurrency_beyond_the_reserved(land: Landscape) -> Iterator[str]:
    for asking, amount in _asked_concurrency(land):
        function = land.function_of(asking.inputs["functionName"])
        reserved = _reserved(function) if function else -1
        if 0 <= reserved < amount:
            yield f"{asking.name} asks for {amount} at once; reserved are {reserved}"


def _asked_concurrency(land: Landscape) -> Iterator[tuple[Resource, int]]:
    for provisioned in _provisioned(land):
        yield provisioned, provisioned.inputs["provisionedConcurrentExecutions"]
    for mapping in land.of("lambda.EventSourceMapping"):
        yield mapping, mapping.inputs.get("scalingConfig", {}).get("maximumConcurrency", 0)


def _provisioned(land: Landscape) -> list[Resource]:
    return list(land.of("lambda.ProvisionedConcurrencyConfig"))


def _reserved(function: Resource) -> int:
    return int(function.inputs.get("reservedConcurrentExecutions", -1))


def _variables(function: Resource) -> dict[str, Any]:
    return dict(function.inputs.get("environment", {}).get("variables", {}))


RULES = (
    environment_too_large,
    reserved_variable,
    permission_without_the_alias,
    snapshot_with_what_excludes_it,
    weighted_alias_with_provisioned_concurrency,
    alias_of_an_unpublished_version,
    concurrency_beyond_the_account,
    concurrency_beyond_the_reserved,
)
