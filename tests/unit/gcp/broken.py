"""How the system is broken for each rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.breaking import changed, twice, unordered, without
from tests.unit.gcp.breaking import told
from tests.unit.gcp.broken_access import ACCESS, FUNCTION, Case

SUBSCRIPTION, POLICY = "pubsub.Subscription", "monitoring.AlertPolicy"


def _impatient(document: dict[str, Any]) -> None:
    document["x-google-backend"]["deadline"] = 5


CASES: Mapping[str, Case] = {
    **ACCESS,
    "database_left_behind": (
        "prod",
        changed("firestore.Database", "orders", "deletionPolicy", "ABANDON"),
        "orders stays when the system goes",
    ),
    "name_that_stays_taken": (
        "dev",
        changed("logging.ProjectBucketConfig", "alarms", "bucketId", "orderly-test-alarms"),
        "logging.ProjectBucketConfig alarms is orderly-test-alarms in the next system too",
    ),
    "index_of_one_field": (
        "dev",
        changed("firestore.Index", ".*", "fields", [{"fieldPath": "status", "order": "ASCENDING"}]),
        "is of status; it needs two fields",
    ),
    "indexes_made_at_once": (
        "dev",
        unordered("firestore.Index", ".*", besides="firestore.Index"),
        "are made at once",
    ),
    "second_expiry_of_a_collection": (
        "dev",
        twice("firestore.Field"),
        "has 2 fields that expire",
    ),
    "more_backups_than_there_can_be": (
        "prod",
        twice("firestore.BackupSchedule"),
        "has 2 of weeklyRecurrence",
    ),
    "trigger_of_another_database": (
        "dev",
        changed("eventarc.Trigger", "orders", "location", "us-central1"),
        "orders is in us-central1; its database is in europe-west1",
    ),
    "images_kept_for_ever": (
        "dev",
        changed("artifactregistry.Repository", ".*", "cleanupPolicyDryRun", None),
        "deletes no image",
    ),
    "bucket_open_to_the_public": (
        "dev",
        changed("storage.Bucket", "event-archive", "publicAccessPrevention", "inherited"),
        "event-archive can be made public",
    ),
    "concurrency_without_a_whole_cpu": (
        "dev",
        changed(FUNCTION, "api", "serviceConfig.availableCpu", None),
        "api answers several requests at once with less than a whole CPU",
    ),
    "cpu_without_its_memory": (
        "dev",
        changed(FUNCTION, "api", "serviceConfig.availableCpu", "4"),
        "api has 4 CPUs, which need 2048 MiB; it has 512",
    ),
    "source_whose_change_is_not_seen": (
        "dev",
        changed(FUNCTION, "api", "buildConfig.source.storageSource.object", "functions.zip"),
        "api is built from functions.zip",
    ),
    "call_longer_than_the_ack_deadline": (
        "dev",
        changed(SUBSCRIPTION, "placed", "ackDeadlineSeconds", 10),
        "placed waits 10 s; fulfil may take 30 s",
    ),
    "call_longer_than_the_schedule_waits": (
        "dev",
        changed("cloudscheduler.Job", "cleanup", "attemptDeadline", "15s"),
        "cleanup waits 15 s; cleanup may take 30 s",
    ),
    "call_longer_than_the_gateway_waits": (
        "dev",
        told("api", _impatient),
        "api waits 5 s; api may take 10 s",
    ),
    "call_longer_than_eventarc_waits": (
        "dev",
        changed(FUNCTION, "relay", "serviceConfig.timeoutSeconds", 30),
        "orders waits 10 s; relay may take 30 s",
    ),
    "front_that_is_shut_out": (
        "dev",
        changed(FUNCTION, "api", "serviceConfig.ingressSettings", "ALLOW_INTERNAL_ONLY"),
        "api takes ALLOW_INTERNAL_ONLY; whoever stands before it needs ALLOW_ALL",
    ),
    "open_without_a_front": (
        "dev",
        changed(FUNCTION, "relay", "serviceConfig.ingressSettings", "ALLOW_ALL"),
        "relay can be reached from outside",
    ),
    "dead_letters_held_by_nobody": (
        "dev",
        without(SUBSCRIPTION, "fulfilment-dead-letters"),
        "placed: nothing holds what goes to",
    ),
    "dead_letters_in_a_circle": (
        "dev",
        lambda graph: changed(
            SUBSCRIPTION,
            "placed",
            "topic",
            graph.one(SUBSCRIPTION, "placed").inputs["deadLetterPolicy"]["deadLetterTopic"],
        )(graph),
        "placed gives up on messages to the topic that they come from",
    ),
    "push_without_dead_letters": (
        "dev",
        changed(SUBSCRIPTION, "placed", "deadLetterPolicy", {}),
        "placed pushes, and has nowhere",
    ),
    "push_that_hammers": (
        "dev",
        changed(SUBSCRIPTION, "placed", "retryPolicy", None),
        "placed has no retryPolicy",
    ),
    "filter_of_what_nobody_publishes": (
        "dev",
        changed(SUBSCRIPTION, "placed", "filter", 'attributes.kind = "order.placed"'),
        "placed filters by kind",
    ),
    "push_in_plain_sight": (
        "dev",
        changed(SUBSCRIPTION, "placed", "pushConfig.oidcToken", {}),
        "placed pushes without a token",
    ),
    "dead_letters_gone_before_they_are_seen": (
        "dev",
        changed(SUBSCRIPTION, "fulfilment-dead-letters", "messageRetentionDuration", "3600s"),
        "fulfilment-dead-letters keeps dead letters for 3600 s",
    ),
    "alert_before_its_metric": (
        "dev",
        unordered(POLICY, "schedule-cleanup-failed-schedules", besides="logging.Metric"),
        "schedule-cleanup-failed-schedules does not wait for",
    ),
    "alert_at_once_after_its_metric": (
        "dev",
        unordered(POLICY, "schedule-cleanup-failed-schedules", besides="apigateway.Gateway"),
        "schedule-cleanup-failed-schedules does not wait for apigateway.Gateway api",
    ),
    "alert_on_what_is_not_here": (
        "dev",
        without("workflows.Workflow", "order"),
        "AlertPolicy workflow-order-stuck-sagas looks at workflow_id",
    ),
    "count_of_what_is_not_here": (
        "dev",
        without(FUNCTION, "order-tasks"),
        "logging.Metric order-compensations looks at service_name",
    ),
    "missing_data_of_no_duration": (
        "dev",
        changed(POLICY, "function-api-function-errors", "conditions.0.conditionThreshold.duration", "0s"),
        "function-api-function-errors says what missing data means",
    ),
    "duration_that_is_no_minute": (
        "dev",
        changed(POLICY, "function-api-function-errors", "conditions.0.conditionThreshold.duration", "90s"),
        "function-api-function-errors: 90s is no whole number of minutes",
    ),
    "alert_that_tells_nobody_who_was_named": (
        "partners",
        changed(POLICY, "function-api-function-errors", "notificationChannels", []),
        "function-api-function-errors does not tell every channel",
    ),
    "chart_that_shows_nothing": (
        "dev",
        lambda graph: changed(
            "monitoring.Dashboard",
            "alarms",
            "dashboardJson",
            graph.one("monitoring.Dashboard", "alarms").inputs["dashboardJson"].replace("workflow_id", "workflow"),
        )(graph),
        "has no label workflow",
    ),
}
"""By rule."""
