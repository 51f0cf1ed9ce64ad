"""Where it is kept which runs of a workflow were started: a container of the database, and nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.azure._identity import ManagedIdentity
from components.azure._store import Access, Store
from components.database import Database
from components.errors import WiringError
from components.link import Variables
from functions.adapters.azure import layout


@dataclass(frozen=True, kw_only=True)
class Guard:
    variables: Variables
    store: Store

    def let_remember(self, starter: ManagedIdentity) -> pulumi.Resource:
        return self.store.allow(Access.GUARD, starter, container=layout.RUNS)


def guard_of(database: Database) -> Guard:
    store = getattr(database, "_store", None)
    if not isinstance(store, Store):
        raise WiringError(f"database {database.name} is not on Azure; make both from components.azure")
    return Guard(variables=database.variables, store=store)
