"""What queries need of a Firestore database besides its documents, as functions.adapters.gcp.layout declares it.

One is made after the other: Firestore changes the indexes of a database one at a time, and may refuse those that come
together.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.gcp._project import Project
from components.group import Child
from functions.adapters.gcp import layout

CHILDREN = ("index", "field")


def make_indexes(name: str, database: gcp.firestore.Database, *, project: Project, child: Child) -> None:
    last: pulumi.Resource = database
    for index in layout.INDEXES:
        last = _index(name, index, database, project, _after(last, "index", child))
    for exemption in layout.EXEMPTIONS:
        last = _field(name, exemption, database, project, _after(last, "field", child))


def _index(
    name: str,
    index: layout.Index,
    database: gcp.firestore.Database,
    project: Project,
    opts: pulumi.ResourceOptions,
) -> gcp.firestore.Index:
    fields = [gcp.firestore.IndexFieldArgs(field_path=path, order=order) for path, order in index.fields]
    paths = "-".join(f"{path}-{order.lower()}" for path, order in index.fields)
    return gcp.firestore.Index(
        f"{name}-{index.collection}-{paths}",
        project=project.id,
        database=database.name,
        collection=index.collection,
        query_scope=index.scope,
        fields=fields,
        deletion_policy="DELETE",
        opts=opts,
    )


def _field(
    name: str,
    exemption: layout.Exemption,
    database: gcp.firestore.Database,
    project: Project,
    opts: pulumi.ResourceOptions,
) -> gcp.firestore.Field:
    """Without an index of its own: what only grows would make all writers meet at the index's end."""
    return gcp.firestore.Field(
        f"{name}-{exemption.collection}-{exemption.field}",
        project=project.id,
        database=database.name,
        collection=exemption.collection,
        field=exemption.field,
        index_config=gcp.firestore.FieldIndexConfigArgs(indexes=[]),
        ttl_config=gcp.firestore.FieldTtlConfigArgs() if exemption.expires else None,
        deletion_policy="DELETE",
        opts=opts,
    )


def _after(last: pulumi.Resource, kind: str, child: Child) -> pulumi.ResourceOptions:
    return child(kind, pulumi.ResourceOptions(depends_on=[last]))
