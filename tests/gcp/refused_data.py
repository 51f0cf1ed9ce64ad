"""Firestore, storage and images: what is refused, what is left behind, and what costs for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations

from tests.gcp.landscape import Landscape
from tests.graph import Resource

DOCUMENT_EVENTS = "google.cloud.firestore.document."
KEPT_IDS: Mapping[str, str] = {"logging.ProjectBucketConfig": "bucketId", "projects.IAMCustomRole": "roleId"}
"""By kind, the input that is an id which Google keeps for a while; an account's number in it makes it another."""


def database_left_behind(land: Landscape) -> Iterator[str]:
    """An abandoned database is not deleted, and the next `up` finds its name taken."""
    for database in land.of("firestore.Database"):
        policy, protection = database.inputs.get("deletionPolicy"), database.inputs.get("deleteProtectionState")
        if policy == "ABANDON":
            yield f"{database.name} stays when the system goes, and the next one cannot have its name"
        if policy == "DELETE" and protection == "DELETE_PROTECTION_ENABLED":
            yield f"{database.name} is to be deleted and is protected from it: destroy fails half way"


def name_that_stays_taken(land: Landscape) -> Iterator[str]:
    """What was deleted keeps its id, a log bucket for 7 days and a role up to 37: `up` after `destroy` is refused."""
    accounts = {each.state["uniqueId"] for each in land.of("serviceaccount.Account")}
    for kind, named in KEPT_IDS.items():
        for found in land.of(kind):
            if not any(str(found.inputs[named]).endswith(f"_{each}") for each in accounts):
                yield f"{kind} {found.name} is {found.inputs[named]} in the next system too"


def index_of_one_field(land: Landscape) -> Iterator[str]:
    """400: of one field there is an index already, which a Field turns off."""
    for index in land.of("firestore.Index"):
        paths = [field.get("fieldPath") for field in index.inputs["fields"]]
        if len([path for path in paths if path != "__name__"]) < 2:
            yield f"{index.name} is of {', '.join(map(str, paths))}; it needs two fields"
        for field in index.inputs["fields"]:
            if bool(field.get("order")) == bool(field.get("arrayConfig")):
                yield f"{index.name}: {field.get('fieldPath')} needs an order or an array_config, and one of them"


def indexes_made_at_once(land: Landscape) -> Iterator[str]:
    """409 `aborted: too much contention` while a database is given several at a time."""
    for one, other in combinations(list(land.of("firestore.Index", "firestore.Field")), 2):
        is_ordered = land.graph.comes_after(one, other) or land.graph.comes_after(other, one)
        if one.inputs["database"] == other.inputs["database"] and not is_ordered:
            yield f"{one.name} and {other.name} are made at once"


def second_expiry_of_a_collection(land: Landscape) -> Iterator[str]:
    counted = Counter(
        (field.inputs["database"], field.inputs["collection"])
        for field in land.of("firestore.Field")
        if "ttlConfig" in field.inputs
    )
    yield from (
        f"{collection} has {count} fields that expire" for (_, collection), count in counted.items() if count > 1
    )


def more_backups_than_there_can_be(land: Landscape) -> Iterator[str]:
    counted = Counter(
        (schedule.inputs["database"], recurrence)
        for schedule in land.of("firestore.BackupSchedule")
        for recurrence in ("dailyRecurrence", "weeklyRecurrence")
        if recurrence in schedule.inputs
    )
    yield from (f"{database} has {count} of {kind}" for (database, kind), count in counted.items() if count > 1)


def trigger_of_another_database(land: Landscape) -> Iterator[str]:
    """Without a database it listens to the default one; elsewhere than its database it is refused."""
    for trigger in land.of("eventarc.Trigger"):
        by_attribute = {each["attribute"]: each for each in trigger.inputs["matchingCriterias"]}
        if not str(by_attribute.get("type", {}).get("value", "")).startswith(DOCUMENT_EVENTS):
            continue
        database = land.named("firestore.Database", by_attribute.get("database", {}).get("value"))
        if database is None:
            yield f"{trigger.name} names no database that is here"
        elif trigger.inputs["location"] != database.inputs["locationId"]:
            where, wanted = trigger.inputs["location"], database.inputs["locationId"]
            yield f"{trigger.name} is in {where}; its database is in {wanted}"
        yield from _unmatched(trigger, by_attribute.get("document", {}))


def images_kept_for_ever(land: Landscape) -> Iterator[str]:
    for repository in land.of("artifactregistry.Repository"):
        if not repository.inputs.get("cleanupPolicies") or repository.inputs.get("cleanupPolicyDryRun") is not False:
            yield f"{repository.name} deletes no image: it needs clean-up policies, and cleanupPolicyDryRun false"


def bucket_open_to_the_public(land: Landscape) -> Iterator[str]:
    for bucket in land.of("storage.Bucket"):
        if bucket.inputs.get("publicAccessPrevention") != "enforced":
            yield f"{bucket.name} can be made public"
        if bucket.inputs.get("uniformBucketLevelAccess") is not True:
            yield f"{bucket.name} has access lists on its objects"


def _unmatched(trigger: Resource, document: dict[str, str]) -> Iterator[str]:
    if "{" in document.get("value", "") and document.get("operator") != "match-path-pattern":
        yield f"{trigger.name}: {document['value']} is a pattern; without match-path-pattern it is one document's name"
    if trigger.inputs.get("eventDataContentType") != "application/protobuf":
        yield f"{trigger.name}: Firestore's events are application/protobuf"


RULES = (
    database_left_behind,
    name_that_stays_taken,
    index_of_one_field,
    indexes_made_at_once,
    second_expiry_of_a_collection,
    more_backups_than_there_can_be,
    trigger_of_another_database,
    images_kept_for_ever,
    bucket_open_to_the_public,
)
