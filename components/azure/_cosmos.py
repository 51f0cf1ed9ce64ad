"""The containers of a database, as functions.adapters.azure.layout declares them, and the one for the feed's leases.

Cosmos DB changes an account one thing at a time, and refuses what comes meanwhile: one is made after the other.
"""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from components.azure._subscription import Subscription
from components.group import Child
from functions.adapters.azure import layout

CHILDREN = ("container",)
CONSISTENCY = azure.cosmosdb.DefaultConsistencyLevel(layout.CONSISTENCY)
LEASED_BY = "/id"
"""What the trigger wants of a container of leases that it may not make itself."""
ITEMS_SAY = -1
"""Items expire, each when its own `ttl` says."""
EVERYTHING = "/*"


def make_containers(
    database: azure.cosmosdb.SqlResourceSqlDatabase,
    account: azure.cosmosdb.DatabaseAccount,
    *,
    name: str,
    subscription: Subscription,
    child: Child,
    opts: pulumi.ResourceOptions,
) -> tuple[azure.cosmosdb.SqlResourceSqlContainer, ...]:
    """`opts` are those of whatever keeps data."""
    made: list[azure.cosmosdb.SqlResourceSqlContainer] = []
    for resource in (*map(_resource, layout.CONTAINERS), _leases()):
        last: pulumi.Resource = made[-1] if made else database
        made.append(
            azure.cosmosdb.SqlResourceSqlContainer(
                f"{name}-{resource.id}",
                resource_group_name=subscription.group_name,
                account_name=account.name,
                database_name=database.name,
                container_name=resource.id,
                resource=resource,
                opts=child("container", pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[last]))),
            )
        )
    return tuple(made)


def _resource(container: layout.Container) -> azure.cosmosdb.SqlContainerResourceArgs:
    return azure.cosmosdb.SqlContainerResourceArgs(
        id=container.name,
        partition_key=_key(container.partition_key),
        default_ttl=ITEMS_SAY if container.expires else None,
        indexing_policy=_indexing(container),
    )


def _leases() -> azure.cosmosdb.SqlContainerResourceArgs:
    return azure.cosmosdb.SqlContainerResourceArgs(id=layout.LEASES, partition_key=_key(LEASED_BY))


def _key(path: str) -> azure.cosmosdb.ContainerPartitionKeyArgs:
    return azure.cosmosdb.ContainerPartitionKeyArgs(paths=[path], kind=azure.cosmosdb.PartitionKind.HASH, version=2)


def _indexing(container: layout.Container) -> azure.cosmosdb.IndexingPolicyArgs:
    """Each path that is indexed is paid for at every write; by default all of them are."""
    return azure.cosmosdb.IndexingPolicyArgs(
        automatic=True,
        indexing_mode=azure.cosmosdb.IndexingMode.CONSISTENT,
        included_paths=[azure.cosmosdb.IncludedPathArgs(path=path) for path in container.indexed],
        excluded_paths=[azure.cosmosdb.ExcludedPathArgs(path=EVERYTHING)],
        composite_indexes=[
            [azure.cosmosdb.CompositePathArgs(path=path, order=order) for path, order in composite]
            for composite in container.composites
        ],
    )
