"""Tables, workflows and log groups that AWS does not make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.aws.landscape import Landscape
from tests.graph import Resource

MOST_INDEXES = 20
LOGS_OF_WORKFLOWS = "/aws/vendedlogs/states/"
"""Under another name each of them uses up the resource policy of all logs, which has 5,120 characters."""


def attribute_that_is_no_key(land: Landscape) -> Iterator[str]:
    """`all attributes must be indexed`."""
    for table in land.of("dynamodb.Table"):
        for name in sorted(_defined(table) - _keys(table)):
            yield f"{table.name}: attribute {name} is the key of nothing"


def key_that_is_no_attribute(land: Landscape) -> Iterator[str]:
    for table in land.of("dynamodb.Table"):
        for name in sorted(_keys(table) - _defined(table)):
            yield f"{table.name}: key {name} is not among the attributes"


def index_with_two_kinds_of_keys(land: Landscape) -> Iterator[str]:
    for table, index in _indexes(land):
        if "keySchemas" in index and index.keys() & {"hashKey", "rangeKey"}:
            yield f"{table.name}: index {index['name']} has key_schemas and hash_key or range_key"


def more_indexes_than_a_table_has(land: Landscape) -> Iterator[str]:
    for table in land.of("dynamodb.Table"):
        count = len(table.inputs.get("globalSecondaryIndexes", ()))
        if count > MOST_INDEXES:
            yield f"{table.name} has {count} indexes; the limit is {MOST_INDEXES}"


def capacity_that_does_not_fit_the_billing(land: Landscape) -> Iterator[str]:
    """The provider's default is PROVISIONED."""
    capacities = {"readCapacity", "writeCapacity"}
    for table in land.of("dynamodb.Table"):
        on_demand = table.inputs.get("billingMode", "PROVISIONED") == "PAY_PER_REQUEST"
        for what in (table.inputs, *table.inputs.get("globalSecondaryIndexes", ())):
            given = capacities & what.keys()
            if on_demand and given:
                yield f"{table.name}: {what['name']} has {sorted(given)}, and is billed by request"
            if not on_demand and given != capacities:
                yield f"{table.name}: {what['name']} is provisioned without {sorted(capacities - given)}"


def stream_without_a_view(land: Landscape) -> Iterator[str]:
    for table in land.of("dynamodb.Table"):
        if bool(table.inputs.get("streamEnabled")) != ("streamViewType" in table.inputs):
            yield f"{table.name}: a stream needs a view type, and only a stream has one"


def workflow_logs_to_what_it_cannot_name(land: Landscape) -> Iterator[str]:
    for machine in land.of("sfn.StateMachine"):
        destination = machine.inputs.get("loggingConfiguration", {}).get("logDestination", "")
        if destination and not destination.endswith(":*"):
            yield f"{machine.name}: Step Functions names a log group with `:*` at the end"
        group = land.at(destination)
        if group is not None and not group.inputs["name"].startswith(LOGS_OF_WORKFLOWS):
            yield f"{machine.name}: the name of its log group has to begin with {LOGS_OF_WORKFLOWS}"


def logs_written_to_a_group_that_is_not_here(land: Landscape) -> Iterator[str]:
    groups = {group.inputs["name"] for group in land.of("cloudwatch.LogGroup")}
    for function in land.of("lambda.Function"):
        name = function.inputs.get("loggingConfig", {}).get("logGroup")
        if name and name not in groups:
            yield f"{function.name}: its log group {name} is not here"


def _indexes(land: Landscape) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    for table in land.of("dynamodb.Table"):
        for index in table.inputs.get("globalSecondaryIndexes", ()):
            yield table, index


def _defined(table: Resource) -> set[str]:
    return {attribute["name"] for attribute in table.inputs.get("attributes", ())}


def _keys(table: Resource) -> set[str]:
    indexes = [*table.inputs.get("globalSecondaryIndexes", ()), *table.inputs.get("localSecondaryIndexes", ())]
    own = {each[name] for each in (table.inputs, *indexes) for name in ("hashKey", "rangeKey") if name in each}
    return own | {key["attributeName"] for index in indexes for key in index.get("keySchemas", ())}


RULES = (
    attribute_that_is_no_key,
    key_that_is_no_attribute,
    index_with_two_kinds_of_keys,
    more_indexes_than_a_table_has,
    capacity_that_does_not_fit_the_billing,
    stream_without_a_view,
    workflow_logs_to_what_it_cannot_name,
    logs_written_to_a_group_that_is_not_here,
)
