"""The table, its stream and who reaches what of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fnmatch import fnmatchcase

import pytest

from components.aws._tenant_role import OF_THE_TENANT
from components.database import Database, DatabaseArgs
from components.function import Function
from components.naming import RULES, physical_name
from functions.adapters.aws import keys, tenants
from functions.domain.order import OrderStatus
from functions.ports import IdempotencyRecord
from tests.graph import PROJECT, Graph, Resource
from tests.unit.components.aws.policies import allowed, allowing, trusting
from tests.unit.components.making import Make, function_args, made_alone

REGION = {"region": "eu-central-1", "account": "123456789012"}
TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/" + physical_name(
    RULES["aws", "database"], project=PROJECT, stack="local", name="orders"
)
DYNAMODB = "dynamodb:"


def orders(make: Make, *, kept: bool = False) -> Database:
    return make(Database, "orders", DatabaseArgs(deletion_protection=kept, point_in_time_recovery=kept))


def system(*, kept: bool = False, **block: object) -> Graph:
    def wire(make: Make) -> None:
        database = orders(make, kept=kept)
        make(Function, "api", function_args(*database.tenant_access()))
        make(Function, "worker", function_args(database.reader(), database.writer()))
        make(Function, "relay", function_args(trigger=database.changes()))

    return made_alone("aws", wire, aws={**REGION, **block})


@pytest.fixture(scope="module")
def graph() -> Graph:
    return system()


@pytest.fixture(scope="module")
def provisioned() -> Graph:
    return system(database_capacity={"minimum": 3, "maximum": 40})


@pytest.fixture
def table(graph: Graph) -> Resource:
    return graph.one("dynamodb.Table", "orders")


def test_its_keys_and_indexes_are_those_that_the_adapters_write(table: Resource) -> None:
    indexes = {
        index["name"]: ([key["attributeName"] for key in index["keySchemas"]], index["projectionType"])
        for index in table.inputs["globalSecondaryIndexes"]
    }
    assert (table.inputs["hashKey"], table.inputs["rangeKey"]) == tuple(keys.item_key("stock", "x"))
    assert indexes == {
        keys.BY_STATUS: (["gsi1pk", "gsi1sk"], "ALL"),
        keys.OPEN: (["gsi2pk", "gsi2sk"], "KEYS_ONLY"),
    }


def test_an_attribute_without_an_index_is_never_declared(table: Resource) -> None:
    """DynamoDB refuses a table with one."""
    declared = {attribute["name"] for attribute in table.inputs["attributes"]}
    indexed = {key["attributeName"] for index in table.inputs["globalSecondaryIndexes"] for key in index["keySchemas"]}
    assert declared == {table.inputs["hashKey"], table.inputs["rangeKey"], *indexed}


def test_what_expires_is_deleted_and_every_change_is_streamed(table: Resource) -> None:
    assert table.inputs["ttl"] == {"attributeName": "expires_at", "enabled": True}
    assert (table.inputs["streamEnabled"], table.inputs["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")
    assert table.inputs["serverSideEncryption"] == {"enabled": True}


@pytest.mark.parametrize("kept", [True, False])
def test_it_is_protected_twice_and_recoverable_for_a_week_where_it_is_kept(*, kept: bool) -> None:
    table = system(kept=kept).one("dynamodb.Table", "orders")
    assert table.inputs["deletionProtectionEnabled"] is kept
    assert table.protect is kept
    recovery = {"enabled": True, "recoveryPeriodInDays": 7} if kept else {"enabled": False}
    assert table.inputs["pointInTimeRecovery"] == recovery


def test_on_demand_has_no_capacity_and_nothing_that_scales_it(graph: Graph, table: Resource) -> None:
    assert table.inputs["billingMode"] == "PAY_PER_REQUEST"
    assert "readCapacity" not in table.inputs
    assert not graph.of("appautoscaling.Target")


def test_provisioned_capacity_is_there_for_the_table_and_each_index(provisioned: Graph) -> None:
    table = provisioned.one("dynamodb.Table", "orders").inputs
    assert table["billingMode"] == "PROVISIONED"
    for scaled in (table, *table["globalSecondaryIndexes"]):
        assert (scaled["readCapacity"], scaled["writeCapacity"]) == (3, 3)


def test_reads_and_writes_of_the_table_and_each_index_scale_at_seventy_percent(provisioned: Graph) -> None:
    targets = [found.inputs for found in provisioned.of("appautoscaling.Target").values()]
    name = TABLE.rpartition("/")[2]
    of_the_table = {(f"table/{name}", f"dynamodb:table:{units}CapacityUnits") for units in ("Read", "Write")}
    of_the_indexes = {
        (f"table/{name}/index/{index}", f"dynamodb:index:{units}CapacityUnits")
        for index in ("gsi1", "gsi2")
        for units in ("Read", "Write")
    }
    assert {(each["resourceId"], each["scalableDimension"]) for each in targets} == of_the_table | of_the_indexes
    assert {(each["minCapacity"], each["maxCapacity"]) for each in targets} == {(3, 40)}
    for policy in provisioned.of("appautoscaling.Policy").values():
        tracking = policy.inputs["targetTrackingScalingPolicyConfiguration"]
        units = "Read" if "Read" in policy.inputs["scalableDimension"] else "Write"
        metric = {"predefinedMetricType": f"DynamoDB{units}CapacityUtilization"}
        assert (tracking["targetValue"], tracking["predefinedMetricSpecification"]) == (70, metric)


def test_nobody_may_scan_or_delete(graph: Graph) -> None:
    granted = {action for role in graph.of("iam.Role") for each in allowed(graph, role) for action in each["Action"]}
    assert {action for action in granted if action.startswith(DYNAMODB)} == {
        "dynamodb:BatchGetItem",
        "dynamodb:DescribeStream",
        "dynamodb:GetItem",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    }


def test_a_reader_reads_the_table_and_queries_its_indexes(graph: Graph) -> None:
    table, indexes = allowing(graph, "worker", "dynamodb:Query")
    assert (table["Resource"], set(table["Action"])) == (
        [TABLE],
        {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"},
    )
    assert (indexes["Resource"], indexes["Action"]) == (
        [f"{TABLE}/index/gsi1", f"{TABLE}/index/gsi2"],
        ["dynamodb:Query"],
    )


def test_a_function_for_tenants_reaches_no_order_as_itself(graph: Graph) -> None:
    assert not [each for each in allowed(graph, "api") if each["Action"][0].startswith(DYNAMODB)]
    (assume,) = allowing(graph, "api", "sts:AssumeRole")
    assert assume["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert assume["Resource"] == [graph.one("iam.Role", "orders-tenant").state["arn"]]
    variables = graph.one("lambda.Function", "api").inputs["environment"]["variables"]
    assert variables["ORDERLY_TENANT_ROLE"] == graph.one("iam.Role", "orders-tenant").state["arn"]


def test_only_a_session_tagged_with_a_tenant_and_nothing_else_is_let_in(graph: Graph) -> None:
    trust = trusting(graph, "orders-tenant")
    assert trust["Principal"] == {"AWS": [graph.one("iam.Role", "api").state["arn"]]}
    assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert trust["Condition"] == {
        "Null": {f"aws:RequestTag/{tenants.TAG}": "false"},
        "ForAllValues:StringEquals": {"aws:TagKeys": [tenants.TAG]},
    }


def test_a_tenants_session_reaches_its_own_partitions_of_the_table_and_of_the_index(graph: Graph) -> None:
    table, index = allowed(graph, "orders-tenant")
    confined = {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["TENANT#${aws:PrincipalTag/tenant}#*"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    assert table["Condition"] == index["Condition"] == confined
    assert (table["Resource"], index["Resource"]) == ([TABLE], [f"{TABLE}/index/gsi1"])
    assert set(table["Action"]) == {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"}
    assert index["Action"] == ["dynamodb:Query"]


def test_what_a_tenants_session_reaches_is_where_the_adapters_write_a_tenants_items() -> None:
    key = IdempotencyRecord(
        tenant="shop", key="k", body_sha256="0" * 64, order_id="1", expires_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    partitions = {
        keys.order_key("shop", "1")["pk"]["S"],
        keys.event_key("shop", "1", 1)["pk"]["S"],
        keys.idempotency_key(key)["pk"]["S"],
        keys.status_partition("shop", OrderStatus.PLACED),
    }
    reached = OF_THE_TENANT.replace("${aws:PrincipalTag/tenant}", "shop")
    assert all(fnmatchcase(partition, reached) for partition in partitions)
    assert not fnmatchcase(keys.order_key("shop-2", "1")["pk"]["S"], reached)
    assert not fnmatchcase(keys.open_partition(0), reached)


def test_without_isolation_the_function_reads_and_writes_as_itself() -> None:
    graph = system(tenant_isolation=False)
    assert "orders-tenant" not in graph.of("iam.Role")
    assert len(allowing(graph, "api", "dynamodb:Query")) == 2
    assert allowing(graph, "api", "dynamodb:PutItem")
    assert "ORDERLY_TENANT_ROLE" not in graph.one("lambda.Function", "api").inputs["environment"]["variables"]


def test_functions_for_tenants_share_one_role() -> None:
    def wire(make: Make) -> None:
        database = orders(make)
        make(Function, "api", function_args(*database.tenant_access()))
        make(Function, "console", function_args(*database.tenant_access()))

    graph = made_alone("aws", wire)
    assert trusting(graph, "orders-tenant")["Principal"]["AWS"] == [
        graph.one("iam.Role", name).state["arn"] for name in ("api", "console")
    ]


def test_the_relay_is_called_with_events_and_nothing_else(graph: Graph) -> None:
    feed = graph.one("lambda.EventSourceMapping", "orders").inputs
    (pattern,) = [json.loads(each["pattern"]) for each in feed["filterCriteria"]["filters"]]
    assert pattern == {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": {"kind": {"S": ["event"]}}}}
    assert feed["functionName"] == graph.one("lambda.Alias", "relay").state["arn"]
    assert feed["eventSourceArn"] == graph.one("dynamodb.Table", "orders").state["streamArn"]
    assert feed["startingPosition"] == "TRIM_HORIZON"


def test_a_record_that_keeps_failing_is_isolated_and_parked(graph: Graph) -> None:
    feed = graph.one("lambda.EventSourceMapping", "orders").inputs
    parked = graph.one("sqs.Queue", "orders-feed-dead-letters").state["arn"]
    assert feed["bisectBatchOnFunctionError"] is True
    assert feed["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert feed["destinationConfig"] == {"onFailure": {"destinationArn": parked}}
    assert feed["maximumRetryAttempts"] == -1, "it would be given up before its time"
    assert 3600 < feed["maximumRecordAgeInSeconds"] < 24 * 3600


def test_the_feed_waits_for_the_right_to_read_it(graph: Graph) -> None:
    """Lambda refuses a mapping whose function cannot read the stream or send to the queue."""
    feed = graph.one("lambda.EventSourceMapping", "orders")
    assert graph.one("iam.RolePolicy", "relay").urn in feed.dependencies
    (read,) = allowing(graph, "relay", "dynamodb:GetRecords")
    assert read["Resource"] == [feed.inputs["eventSourceArn"]]
    (park,) = allowing(graph, "relay", "sqs:SendMessage")
    assert park["Resource"] == [feed.inputs["destinationConfig"]["onFailure"]["destinationArn"]]


def test_the_relay_finds_the_feeds_dead_letters_and_nobody_else_does(graph: Graph) -> None:
    """What can never be read it puts there itself."""
    parked = graph.one("sqs.Queue", "orders-feed-dead-letters").state["url"]
    found = {
        name: function.inputs["environment"]["variables"].get("ORDERLY_DEAD_LETTERS")
        for name, function in graph.of("lambda.Function").items()
    }
    assert found == {"relay": parked, "api": None, "worker": None}
    assert not [name for name in ("api", "worker") if allowing(graph, name, "sqs:SendMessage")]
