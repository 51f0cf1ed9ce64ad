"""Where it is kept which runs of a workflow were started: a container of the database, and nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.azure._identity import ManagedIdentity
from components.azure._store import Access, Store
from components.link import Variables
from functions.adapters.azure import layout


@dataclass(frozen=True, kw_only=True)
class Guard:
    variables: Variables
    store: Store

    def let_remember(self, starter: ManagedIdentity) -> pulumi.Resource:
        return self.store.allow(Access.GUARD, starter, container=layout.RUNS)
