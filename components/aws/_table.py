"""What other components need of a database: the table, and how a grant is confined to a part of it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.aws._policy import Conditions
from components.database import Database
from components.errors import WiringError


@dataclass(frozen=True, kw_only=True)
class Table:
    arn: pulumi.Output[str]

    def index(self, name: str) -> pulumi.Output[str]:
        return pulumi.Output.concat(self.arn, "/index/", name)


def partitions(*patterns: str) -> Conditions:
    """Nothing but items whose partition key, of the table or of the index that is queried, is like one of these.

    `ForAllValues` alone is also true of a request that names no key, as a scan does not.
    """
    return {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(patterns)},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }


def table_of(database: Database) -> Table:
    found = getattr(database, "_table", None)
    if not isinstance(found, Table):
        raise WiringError(f"database {database.name} is not on AWS; make both from components.aws")
    return found
