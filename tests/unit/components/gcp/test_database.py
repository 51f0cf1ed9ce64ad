"""Firestore: a database of its own, what its queries need, a trigger where it is, and roles that cannot delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from components.database import Database, DatabaseArgs
from components.function import Function
from functions.adapters.gcp import layout
from tests.graph import Graph, build, config
from tests.unit.components.gcp.members import May, may
from tests.unit.components.gcp.waiting import waited_for
from tests.unit.components.making import Make, function_args, made_alone

OPEN = DatabaseArgs(deletion_protection=False, point_in_time_recovery=False)
KEPT = DatabaseArgs(deletion_protection=True, point_in_time_recovery=True)
PLACE = {"project": "orderly-test", "region": "europe-west1"}


def stored(args: DatabaseArgs = OPEN, **gcp: object) -> Graph:
    def wire(make: Make) -> None:
        database = make(Database, "orders", args)
        make(Function, "reads", function_args(database.reader()))
        make(Function, "writes", function_args(database.writer(), database.writer()))
        make(Function, "relay", function_args(trigger=database.changes()))

    return made_alone("gcp", wire, gcp={**PLACE, **gcp})


@pytest.fixture(scope="module")
def graph() -> Graph:
    return stored()


def database(graph: Graph) -> Mapping[str, Any]:
    return graph.one("firestore.Database", "orders").inputs


def test_it_is_a_database_of_its_own_in_the_region(graph: Graph) -> None:
    """The project's default one may be somebody else's."""
    inputs = database(graph)
    assert inputs["name"] != "(default)"
    assert (inputs["locationId"], inputs["type"]) == ("europe-west1", "FIRESTORE_NATIVE")
    assert inputs["concurrencyMode"] == "OPTIMISTIC"


def test_what_can_go_is_deleted_and_not_forgotten(graph: Graph) -> None:
    """Left out, the provider abandons it, and the next `up` finds its name taken."""
    assert database(graph)["deletionPolicy"] == "DELETE"
    assert database(graph)["deleteProtectionState"] == "DELETE_PROTECTION_DISABLED"
    assert not graph.one("firestore.Database", "orders").protect


def test_what_must_stay_is_protected_by_the_engine_the_provider_and_the_database() -> None:
    graph = stored(KEPT)
    assert database(graph)["deletionPolicy"] == "PREVENT"
    assert database(graph)["deleteProtectionState"] == "DELETE_PROTECTION_ENABLED"
    assert graph.one("firestore.Database", "orders").protect


def test_a_week_can_be_gone_back_to_and_a_backup_a_week_joins_on() -> None:
    graph = stored(KEPT)
    assert database(graph)["pointInTimeRecoveryEnablement"] == "POINT_IN_TIME_RECOVERY_ENABLED"
    backups = graph.one("firestore.BackupSchedule", "orders").inputs
    assert (backups["database"], backups["retention"]) == (database(graph)["name"], "8467200s")
    assert backups["weeklyRecurrence"]["day"] == "SUNDAY"


def test_without_recovery_there_is_nothing_to_pay_for(graph: Graph) -> None:
    assert database(graph)["pointInTimeRecoveryEnablement"] == "POINT_IN_TIME_RECOVERY_DISABLED"
    assert graph.of("firestore.BackupSchedule") == {}


def test_every_index_that_the_adapter_asks_for_is_made(graph: Graph) -> None:
    made = {
        (
            found.inputs["collection"],
            tuple((field["fieldPath"], field["order"]) for field in found.inputs["fields"]),
            found.inputs["queryScope"],
        )
        for found in graph.of("firestore.Index").values()
    }
    assert made
    assert made == {(index.collection, index.fields, index.scope) for index in layout.INDEXES}
    assert {found.inputs["database"] for found in graph.of("firestore.Index").values()} == {database(graph)["name"]}


def test_what_expires_or_only_grows_has_no_index(graph: Graph) -> None:
    made = {
        (found.inputs["collection"], found.inputs["field"], "ttlConfig" in found.inputs)
        for found in graph.of("firestore.Field").values()
    }
    assert made == {(each.collection, each.field, each.expires) for each in layout.EXEMPTIONS}
    assert any(expires for _, _, expires in made)
    assert all(found.inputs["indexConfig"] == {"indexes": []} for found in graph.of("firestore.Field").values())


def test_indexes_are_made_one_after_the_other(graph: Graph) -> None:
    """Those that come together may be refused."""
    kinds = ("firestore.Index", "firestore.Field")
    found = [each for kind in kinds for each in graph.of(kind).values()]
    before = sorted(len({one for one in waited_for(graph, each) if one[0] in kinds}) for each in found)
    assert before == list(range(len(found)))


def test_who_reads_reads_this_database_and_no_other(graph: Graph) -> None:
    only = f'resource.name == "projects/orderly-test/databases/{database(graph)["name"]}"'
    assert may(graph, "reads") == {May(role="orders-read", on="project", only=only)}
    assert may(graph, "writes") == {May(role="orders-write", on="project", only=only)}


def test_a_right_that_is_granted_twice_is_one_resource(graph: Graph) -> None:
    """The engine refuses two of the same name."""
    names = [found.name for found in graph if found.kind == "projects.IAMMember"]
    assert names.count("orders-writes-write") == 1


def test_no_role_deletes_and_each_has_what_its_verb_needs(graph: Graph) -> None:
    """Google's own role for writing deletes too, and begins transactions, which nothing here does."""
    roles = {name: set(role.inputs["permissions"]) for name, role in graph.of("projects.IAMCustomRole").items()}
    assert roles == {
        "orders-read": {"datastore.entities.get", "datastore.entities.list"},
        "orders-write": {"datastore.entities.create", "datastore.entities.update"},
        "orders-start": {"datastore.entities.create", "datastore.entities.get", "datastore.entities.update"},
    }


def test_a_roles_id_is_new_with_each_system(graph: Graph) -> None:
    """One that was deleted is blocked until 37 days after that, and has no hyphen."""
    number = graph.one("serviceaccount.Account", "alone-build").state["uniqueId"]
    for role in graph.of("projects.IAMCustomRole").values():
        assert role.inputs["roleId"].endswith(f"_{number}")
        assert "-" not in role.inputs["roleId"]


def test_the_relay_is_called_with_each_event_that_was_created(graph: Graph) -> None:
    trigger, relay = graph.one("eventarc.Trigger", "orders").inputs, graph.one("cloudfunctionsv2.Function", "relay")
    assert sorted(
        (each["attribute"], each.get("operator"), each["value"]) for each in trigger["matchingCriterias"]
    ) == [
        ("database", None, database(graph)["name"]),
        ("document", "match-path-pattern", layout.EVENT_DOCUMENTS),
        ("type", None, "google.cloud.firestore.document.v1.created"),
    ]
    assert trigger["eventDataContentType"] == "application/protobuf"
    assert trigger["destination"]["cloudRunService"] == {
        "service": relay.inputs["name"],
        "region": "europe-west1",
        "path": "/",
    }


def test_a_call_that_fails_is_repeated(graph: Graph) -> None:
    """The only number of attempts that there is to set is one."""
    assert "retryPolicy" not in graph.one("eventarc.Trigger", "orders").inputs


def test_the_trigger_is_where_the_database_is_and_the_function_where_it_was() -> None:
    """Elsewhere Eventarc does not find the database."""
    graph = stored(firestore_location="eur3")
    trigger = graph.one("eventarc.Trigger", "orders").inputs
    assert (database(graph)["locationId"], trigger["location"]) == ("eur3", "eur3")
    assert trigger["destination"]["cloudRunService"]["region"] == "europe-west1"


def test_the_trigger_calls_as_an_account_that_may_and_not_before(graph: Graph) -> None:
    trigger = graph.one("eventarc.Trigger", "orders")
    assert trigger.inputs["serviceAccount"] == graph.one("serviceaccount.Account", "orders-feed").state["email"]
    assert may(graph, "orders-feed") == {
        May(role="eventarc.eventReceiver", on="project"),
        May(role="run.invoker", on="relay"),
    }
    assert {("projects.IAMMember", "orders-feed"), ("cloudrunv2.ServiceIamMember", "relay-orders-feed")} <= waited_for(
        graph, trigger
    )


def test_pubsub_may_sign_as_the_feeds_account_before_the_trigger_is_there(graph: Graph) -> None:
    """Eventarc has it deliver; in a project whose agent is old it may not by itself."""
    assert may(graph, "Pub/Sub") >= {May(role="iam.serviceAccountOpenIdTokenCreator", on="orders-feed")}
    before = waited_for(graph, graph.one("eventarc.Trigger", "orders"))
    assert {("serviceaccount.IAMMember", "orders-feed"), ("projects.ServiceIdentity", "pubsub")} <= before


@pytest.mark.parametrize(("allowed", "given"), [("45s", 10), ("3s", 3)])
def test_the_relay_is_given_no_more_time_than_eventarc_waits(allowed: str, given: int) -> None:
    relay = build(config("gcp", functions={"timeout": allowed})).one("cloudfunctionsv2.Function", "relay")
    assert relay.inputs["serviceConfig"]["timeoutSeconds"] == given


def test_the_relay_reads_nothing_and_may_set_apart_what_it_cannot_publish(graph: Graph) -> None:
    """Eventarc has no dead letters: after a day it drops an event."""
    assert may(graph, "relay") == {May(role="pubsub.publisher", on="orders-feed-dead-letters")}
    variables = graph.one("cloudfunctionsv2.Function", "relay").inputs["serviceConfig"]["environmentVariables"]
    assert variables["ORDERLY_DEAD_LETTERS"] == graph.one("pubsub.Topic", "orders-feed-dead-letters").id
    held = graph.one("pubsub.Subscription", "orders-feed-dead-letters").inputs
    assert held["topic"] == variables["ORDERLY_DEAD_LETTERS"]
