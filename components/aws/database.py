"""One DynamoDB table for everything, which functions.adapters.aws.keys describes, and its stream of what was added.

No grant lets anybody scan it or delete from it: an item goes when it has expired, by DynamoDB itself.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pulumi
import pulumi_aws as aws

from components import database
from components.aws import _capacity, _dead_letters, _tenant_role
from components.aws._account import Account
from components.aws._dead_letters import SEND, DeadLetters
from components.aws._lambda import Deployed
from components.aws._role import Role
from components.aws._table import Table
from components.aws._table_alarms import feed_alarm, table_alarms
from components.aws._tenant_role import TenantRole
from components.behind import behind
from components.database import DatabaseArgs
from components.foundation import Foundation
from components.function import Function
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.link import Link
from functions.environment import Variable

BY_STATUS = "gsi1"
"""A tenant's orders by status, with all that is known of them."""
OPEN = "gsi2"
"""The keys of the orders that are not over, of all tenants."""
INDEXES = (BY_STATUS, OPEN)
READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem")
"""A transaction asks for these too, action by action."""
CONSUME = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
RECOVERABLE_DAYS = 7
RELAYED = {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": {"kind": {"S": ["event"]}}}}
"""Orders, stock and keys are in the stream too; nobody is called, and nothing is paid, for those."""
BATCH = 100
RETRIES = -1
"""However often: the age alone decides."""
GIVEN_UP_AFTER = timedelta(hours=6)
"""A quarter of the time that the stream keeps a record: whoever then finds where it is among the dead letters has the
rest. The event itself stays in the table."""


class Database(database.Database):
    CHILDREN = ("table", *_capacity.CHILDREN, *_tenant_role.CHILDREN, "feed", *_dead_letters.CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: DatabaseArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._account = behind(foundation, Account)
        self._stored = self._make_table(args)
        self._behind = self._table = Table(arn=self._stored.arn)
        self._tenants = TenantRole(name, account=self._account, table=self._table, index=BY_STATUS, child=self._child)
        self._dead_letters = DeadLetters(f"{name}-feed", account=self._account, child=self._child, contract="database")
        self._account.watch(*table_alarms(name, self._physical_name, INDEXES))
        self.variables = {Variable.DATABASE: self._stored.name}
        self.consumer_variables = {Variable.DEAD_LETTERS: self._dead_letters.queue.url}
        self.register_outputs({})

    def tenant_access(self) -> tuple[Link, ...]:
        if not self._account.config.tenant_isolation:
            return super().tenant_access()
        variables = {**self.variables, Variable.TENANT_ROLE: self._tenants.arn}
        return tuple(
            Link(grant=partial(self._grant_to_a_tenant, verb), variables=variables) for verb in (Verb.READ, Verb.WRITE)
        )

    def grant_read(self, identity: Identity) -> Grant:
        role = behind(identity, Role)
        indexes = [self._table.index(index) for index in INDEXES]
        carried_by = (*role.allow(*READ, on=(self._table.arn,)), *role.allow("dynamodb:Query", on=indexes))
        return self._grant(Verb.READ, carried_by)

    def grant_write(self, identity: Identity) -> Grant:
        return self._grant(Verb.WRITE, behind(identity, Role).allow(*WRITE, on=(self._table.arn,)))

    def grant_consume(self, identity: Identity) -> Grant:
        """Lambda reads the stream as the function, and parks as it what failed too long; the rest it parks itself."""
        role = behind(identity, Role)
        carried_by = (
            *role.allow(*CONSUME, on=(self._stored.stream_arn,)),
            *role.allow_unscoped("dynamodb:ListStreams"),
            *role.allow(*SEND, on=(self._dead_letters.arn,)),
        )
        return self._grant(Verb.CONSUME, carried_by)

    def finish(self) -> None:
        self._tenants.finish()
        self._dead_letters.policy()

    @property
    def _physical_name(self) -> str:
        return self._account.name("database", self.name)

    def _make_table(self, args: DatabaseArgs) -> aws.dynamodb.Table:
        capacity = self._account.config.database_capacity
        table = aws.dynamodb.Table(
            self.name,
            name=self._physical_name,
            billing_mode="PROVISIONED" if capacity else "PAY_PER_REQUEST",
            read_capacity=capacity.minimum if capacity else None,
            write_capacity=capacity.minimum if capacity else None,
            hash_key="pk",
            range_key="sk",
            attributes=[
                aws.dynamodb.TableAttributeArgs(name=name, type="S")
                for name in ("pk", "sk", *(f"{index}{key}" for index in INDEXES for key in ("pk", "sk")))
            ],
            global_secondary_indexes=[self._index(BY_STATUS, "ALL"), self._index(OPEN, "KEYS_ONLY")],
            ttl=aws.dynamodb.TableTtlArgs(attribute_name="expires_at", enabled=True),
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(
                enabled=args.point_in_time_recovery,
                recovery_period_in_days=RECOVERABLE_DAYS if args.point_in_time_recovery else None,
            ),
            # Without it DynamoDB encrypts too, by a key that it shows to nobody; this one's uses are in CloudTrail.
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
            deletion_protection_enabled=args.deletion_protection,
            opts=self._child(
                "table",
                pulumi.ResourceOptions(
                    protect=args.deletion_protection,
                    ignore_changes=_capacity.SET_BY_AUTOSCALING if capacity else None,
                ),
            ),
        )
        if capacity:
            _capacity.follow_load(self.name, table, indexes=INDEXES, capacity=capacity, child=self._child)
        return table

    def _index(self, name: str, projection: str) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
        capacity = self._account.config.database_capacity
        return aws.dynamodb.TableGlobalSecondaryIndexArgs(
            name=name,
            projection_type=projection,
            key_schemas=[
                aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name=f"{name}pk", key_type="HASH"),
                aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name=f"{name}sk", key_type="RANGE"),
            ],
            read_capacity=capacity.minimum if capacity else None,
            write_capacity=capacity.minimum if capacity else None,
        )

    def _grant_to_a_tenant(self, verb: Verb, identity: Identity) -> Grant:
        return self._grant(verb, self._tenants.let_in(behind(identity, Role)))

    def _grant(self, verb: Verb, carried_by: tuple[pulumi.Resource, ...]) -> Grant:
        return Grant(verb=verb, resource=f"database/{self.name}", carried_by=carried_by)

    def _attach(self, function: Function) -> None:
        consumer = behind(function, Deployed)
        aws.lambda_.EventSourceMapping(
            self.name,
            event_source_arn=self._stored.stream_arn,
            function_name=consumer.alias.arn,
            # What was written before the mapping existed is an event as well.
            starting_position="TRIM_HORIZON",
            filter_criteria=aws.lambda_.EventSourceMappingFilterCriteriaArgs(
                filters=[aws.lambda_.EventSourceMappingFilterCriteriaFilterArgs(pattern=json.dumps(RELAYED))]
            ),
            batch_size=BATCH,
            function_response_types=["ReportBatchItemFailures"],
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=RETRIES,
            maximum_record_age_in_seconds=int(GIVEN_UP_AFTER.total_seconds()),
            destination_config=aws.lambda_.EventSourceMappingDestinationConfigArgs(
                on_failure=aws.lambda_.EventSourceMappingDestinationConfigOnFailureArgs(
                    destination_arn=self._dead_letters.arn
                )
            ),
            # Lambda asks the role at once whether it may read the stream.
            opts=self._child("feed", pulumi.ResourceOptions(depends_on=[*consumer.role.policies])),
        )
        self._account.watch(feed_alarm(self.name, consumer))
