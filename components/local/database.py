"""One SQLite file, which holds the queues' messages and the sagas' journals as well."""

from __future__ import annotations

import pulumi

from components import database
from components.database import DatabaseArgs
from components.foundation import Foundation
from components.function import Function
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.local import _resources as local
from components.local._home import home_of
from components.local._source import schema_digest
from functions.environment import Variable

SCHEMA = "functions.adapters.local/schema.sql"


class Database(database.Database):
    CHILDREN = ("database", "feed")

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
        self._home = home_of(foundation)
        self._home.declare(
            local.Database(
                name,
                home=self._home.folder,
                schema=SCHEMA,
                schema_digest=schema_digest(),
                retain=foundation.config.local.retain_database,
                opts=self._child("database", pulumi.ResourceOptions(protect=args.deletion_protection)),
            )
        )
        self.variables = {Variable.DATABASE: name}
        self.register_outputs({})

    def grant_read(self, identity: Identity) -> Grant:
        return self._grant(Verb.READ)

    def grant_write(self, identity: Identity) -> Grant:
        return self._grant(Verb.WRITE)

    def grant_consume(self, identity: Identity) -> Grant:
        return self._grant(Verb.CONSUME)

    def _grant(self, verb: Verb) -> Grant:
        return Grant(verb=verb, resource=f"database/{self.name}")

    def _attach(self, function: Function) -> None:
        self._home.declare(
            local.Feed(
                self.name,
                home=self._home.folder,
                database=self.name,
                function=function.name,
                opts=self._child("feed"),
            )
        )
