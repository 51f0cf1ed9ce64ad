"""What other components need of a database: the table, and how a grant is confined to a part of it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.aws._policy import Conditions


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
