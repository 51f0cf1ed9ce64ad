"""A database of its own in a Cosmos DB account without keys, which functions.adapters.azure.layout describes.

By default it is paid for by the request; `azure.database_capacity` is what it grows to otherwise. The change feed's
trigger is in the relay's app: it keeps in a container of leases how far it is, and the relay sets apart what it cannot
take, before the trigger passes over it.
"""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from components import database
from components.azure import _cosmos, _dead_letters, _feed, _store
from components.azure._alarms import Alarm, Metric
from components.azure._cosmos import make_containers
from components.azure._dead_letters import DeadLetters
from components.azure._feed import feed_alarm
from components.azure._guard import Guard
from components.azure._identity import ManagedIdentity
from components.azure._store import Access, Store
from components.azure._subscription import Subscription
from components.behind import behind
from components.database import DatabaseArgs
from components.foundation import Foundation
from components.function import Function
from components.group import Transform
from components.identity import Grant, Identity, Verb
from functions.environment import Variable

ADDRESS = "COSMOS__accountEndpoint"
"""The setting that the connection `COSMOS` of a trigger finds the account by."""
SERVERLESS = "EnableServerless"


class Database(database.Database):
    CHILDREN = (
        "account",
        "database",
        *_cosmos.CHILDREN,
        *_store.CHILDREN,
        *_dead_letters.CHILDREN,
    )

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
        self._subscription = behind(foundation, Subscription)
        kept = pulumi.ResourceOptions(protect=args.deletion_protection)
        self._account = self._make_account(args, kept)
        made = self._make_database(kept)
        containers = make_containers(
            made, self._account, name=name, subscription=self._subscription, child=self._child, opts=kept
        )
        self._store = Store(
            name,
            account=self._account,
            database=name,
            after=containers[-1],
            subscription=self._subscription,
            child=self._child,
        )
        self._dead_letters = DeadLetters(
            f"{name}-feed", subscription=self._subscription, child=self._child, contract="database"
        )
        self._subscription.watch(self._throttled())
        self.variables = {Variable.DATABASE: made.name, ADDRESS: self._account.document_endpoint}
        self._behind = Guard(variables=self.variables, store=self._store)
        self.consumer_variables = {Variable.DEAD_LETTERS: self._dead_letters.address}
        self.register_outputs({})

    def grant_read(self, identity: Identity) -> Grant:
        return self._grant(Verb.READ, Access.READ, behind(identity, ManagedIdentity))

    def grant_write(self, identity: Identity) -> Grant:
        return self._grant(Verb.WRITE, Access.WRITE, behind(identity, ManagedIdentity))

    def grant_consume(self, identity: Identity) -> Grant:
        """Follow the orders' container, keep the leases, and put among the dead letters what cannot be published."""
        follower = behind(identity, ManagedIdentity)
        return follower.grant(Verb.CONSUME, f"database/{self.name}", lambda: self._let_follow(follower))

    def _grant(self, verb: Verb, access: Access, identity: ManagedIdentity) -> Grant:
        return identity.grant(verb, f"database/{self.name}", lambda: (self._store.allow(access, identity),))

    def _let_follow(self, follower: ManagedIdentity) -> tuple[pulumi.Resource, ...]:
        return (
            self._store.allow(Access.FOLLOW, follower, container=_feed.FOLLOWED),
            self._store.allow(Access.LEASE, follower, container=_feed.LEASES),
            self._dead_letters.accept_from(follower),
        )

    def _make_account(self, args: DatabaseArgs, kept: pulumi.ResourceOptions) -> azure.cosmosdb.DatabaseAccount:
        is_serverless = self._subscription.config.database_capacity is None
        return azure.cosmosdb.DatabaseAccount(
            self.name,
            resource_group_name=self._subscription.group_name,
            location=self._subscription.location,
            account_name=self._subscription.name("database", self.name),
            kind=azure.cosmosdb.DatabaseAccountKind.GLOBAL_DOCUMENT_DB,
            database_account_offer_type=azure.cosmosdb.DatabaseAccountOfferType.STANDARD,
            locations=[
                azure.cosmosdb.LocationArgs(
                    location_name=self._subscription.location, failover_priority=0, is_zone_redundant=False
                )
            ],
            capabilities=[azure.cosmosdb.CapabilityArgs(name=SERVERLESS)] if is_serverless else None,
            consistency_policy=azure.cosmosdb.ConsistencyPolicyArgs(default_consistency_level=_cosmos.CONSISTENCY),
            disable_local_auth=True,
            disable_key_based_metadata_write_access=True,
            minimal_tls_version=azure.cosmosdb.MinimalTlsVersion.TLS12,
            backup_policy=_continuous() if args.point_in_time_recovery else _periodic(),
            opts=self._child("account", kept),
        )

    def _make_database(self, kept: pulumi.ResourceOptions) -> azure.cosmosdb.SqlResourceSqlDatabase:
        """What it may grow to its containers share, so that one that is idle costs nothing."""
        capacity = self._subscription.config.database_capacity
        return azure.cosmosdb.SqlResourceSqlDatabase(
            self.name,
            resource_group_name=self._subscription.group_name,
            account_name=self._account.name,
            database_name=self.name,
            resource=azure.cosmosdb.SqlDatabaseResourceArgs(id=self.name),
            # Asked for any throughput, a serverless account refuses.
            options=None
            if capacity is None
            else azure.cosmosdb.CreateUpdateOptionsArgs(
                autoscale_settings=azure.cosmosdb.AutoscaleSettingsArgs(max_throughput=capacity)
            ),
            opts=self._child("database", kept),
        )

    def _attach(self, function: Function) -> None:
        """The function's own trigger follows the feed; what is left to do is to see whether it comes through."""
        self._subscription.watch(feed_alarm(self.name, function))

    def _throttled(self) -> Alarm:
        return Alarm(
            about="throttled-requests",
            contract="database",
            of=self.name,
            says=f"Requests to {self.name} are turned away because it is at the end of its capacity.",
            measured=Metric(
                name="TotalRequests",
                namespace="microsoft.documentdb/databaseaccounts",
                of=self._account.id,
                aggregation="Count",
                dimensions={"StatusCode": "429"},
            ),
            threshold=100,
        )


def _continuous() -> azure.cosmosdb.ContinuousModeBackupPolicyArgs:
    """It cannot be turned off again, so nobody gets it unasked."""
    return azure.cosmosdb.ContinuousModeBackupPolicyArgs(
        type="Continuous",
        continuous_mode_properties=azure.cosmosdb.ContinuousModePropertiesArgs(
            tier=azure.cosmosdb.ContinuousTier.CONTINUOUS7_DAYS
        ),
    )


def _periodic() -> azure.cosmosdb.PeriodicModeBackupPolicyArgs:
    return azure.cosmosdb.PeriodicModeBackupPolicyArgs(
        type="Periodic",
        periodic_mode_properties=azure.cosmosdb.PeriodicModePropertiesArgs(
            backup_interval_in_minutes=240,
            backup_retention_interval_in_hours=8,
            backup_storage_redundancy=azure.cosmosdb.BackupStorageRedundancy.LOCAL,
        ),
    )
