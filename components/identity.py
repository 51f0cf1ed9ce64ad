"""Who a function is, and what it may do. A grant is a verb on a resource; nothing else gives a permission.

| | identity | a grant becomes |
|---|---|---|
| aws | IAM role | a statement in the role's one policy: listed actions on one ARN |
| gcp | service account | an IAM member on the resource, or on the project with a condition |
| azure | user-assigned managed identity | a role assignment on the resource, named by uuid5 |
| local | the function's name | an entry that the run time checks at each call |

An identity is made before its function and receives all its grants before it too: Lambda checks the role when it is
created, a Flex Consumption app reads its package as its identity when it starts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import pulumi


class Verb(StrEnum):
    SEND = "send"
    CONSUME = "consume"
    PUBLISH = "publish"
    READ = "read"
    WRITE = "write"
    START = "start"
    INVOKE = "invoke"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One verb on one resource (`queue/fulfilment`), and what has to exist before it can be relied on."""

    verb: Verb
    resource: str
    carried_by: tuple[pulumi.Resource, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Grantee:
    """An identity whose grants are resources, each on what it is a grant of."""

    name: str
    granted: dict[tuple[Verb, str], Grant] = field(default_factory=dict)

    def grant(self, verb: Verb, resource: str, make: Callable[[], tuple[pulumi.Resource, ...]]) -> Grant:
        """The same grant however often it is asked for: what carries it is made once."""
        asked = (verb, resource)
        if asked not in self.granted:
            self.granted[asked] = Grant(verb=verb, resource=resource, carried_by=make())
        return self.granted[asked]


class Identity(Protocol):
    """A function's, or a workflow's, own; each target adds how it takes a grant."""

    @property
    def name(self) -> str: ...
