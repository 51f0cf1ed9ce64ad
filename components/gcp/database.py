"""A Firestore database of its own, which functions.adapters.gcp.layout describes, and a trigger for what was added.

The project's `(default)` database is left alone. The trigger calls the relay by itself for each event that was written,
for 24 hours until it took it; what it cannot take by then it sets apart in time.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from components import database
from components.behind import behind
from components.database import DatabaseArgs
from components.foundation import Foundation
from components.function import Function, Trigger
from components.gcp import _dead_letters, _feed, _firestore, _store
from components.gcp._account import ServiceAccount
from components.gcp._build import Build
from components.gcp._called import called
from components.gcp._dead_letters import DeadLetters
from components.gcp._feed import PATIENCE, make_feed
from components.gcp._firestore import make_indexes
from components.gcp._project import Project
from components.gcp._store import make_store
from components.group import Transform
from components.identity import Grant, Identity, Verb
from functions.environment import Variable

BACKUPS_KEPT = timedelta(weeks=14)
"""Firestore's longest. Point-in-time recovery goes back a week, so a backup a week joins on."""


class Database(database.Database):
    CHILDREN = (
        "database",
        "backups",
        *_firestore.CHILDREN,
        *_store.CHILDREN,
        *_feed.CHILDREN,
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
        self._project = behind(foundation, Project)
        self._stored = self._make_database(args)
        if args.point_in_time_recovery:
            self._back_up()
        make_indexes(name, self._stored, project=self._project, child=self._child)
        self._behind = self._store = make_store(
            name,
            path=self._project.path("databases", self._physical_name),
            build=behind(foundation, Build),
            child=self._child,
        )
        self._dead_letters = DeadLetters(f"{name}-feed", project=self._project, child=self._child, contract="database")
        self.variables = {Variable.DATABASE: self._stored.name}
        # What the relay cannot publish it sets apart itself: Eventarc drops it after a day.
        self.consumer_variables = {Variable.DEAD_LETTERS: self._dead_letters.path}
        self.register_outputs({})

    def changes(self) -> Trigger:
        return called(super().changes(), within=PATIENCE)

    def grant_read(self, identity: Identity) -> Grant:
        return self._store.grant(Verb.READ, behind(identity, ServiceAccount))

    def grant_write(self, identity: Identity) -> Grant:
        return self._store.grant(Verb.WRITE, behind(identity, ServiceAccount))

    def grant_consume(self, identity: Identity) -> Grant:
        """Eventarc brings the events with all that is in them, so nothing of the database has to be read."""
        account = behind(identity, ServiceAccount)
        return account.grant(Verb.CONSUME, f"database/{self.name}", lambda: (self._dead_letters.accept_from(account),))

    @property
    def _physical_name(self) -> str:
        return self._project.name("database", self.name)

    def _make_database(self, args: DatabaseArgs) -> gcp.firestore.Database:
        is_protected = args.deletion_protection
        return gcp.firestore.Database(
            self.name,
            project=self._project.id,
            name=self._physical_name,
            location_id=self._project.config.firestore_location or self._project.region,
            type="FIRESTORE_NATIVE",
            database_edition="STANDARD",
            concurrency_mode="OPTIMISTIC",
            app_engine_integration_mode="DISABLED",
            point_in_time_recovery_enablement="POINT_IN_TIME_RECOVERY_ENABLED"
            if args.point_in_time_recovery
            else "POINT_IN_TIME_RECOVERY_DISABLED",
            delete_protection_state="DELETE_PROTECTION_ENABLED" if is_protected else "DELETE_PROTECTION_DISABLED",
            # By default the provider forgets a database instead of deleting it, and the next one's name is taken.
            deletion_policy="PREVENT" if is_protected else "DELETE",
            opts=self._child(
                "database",
                pulumi.ResourceOptions.merge(
                    self._project.ready("firestore"), pulumi.ResourceOptions(protect=is_protected)
                ),
            ),
        )

    def _back_up(self) -> None:
        gcp.firestore.BackupSchedule(
            self.name,
            project=self._project.id,
            database=self._stored.name,
            retention=f"{int(BACKUPS_KEPT.total_seconds())}s",
            weekly_recurrence=gcp.firestore.BackupScheduleWeeklyRecurrenceArgs(day="SUNDAY"),
            deletion_policy="DELETE",
            opts=self._child("backups"),
        )

    def _attach(self, function: Function) -> None:
        make_feed(self.name, self._stored, function, project=self._project, child=self._child)
