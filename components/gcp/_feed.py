"""The change feed: an Eventarc trigger that calls a function with each event document that was created.

It is where the database is, wherever the function is: elsewhere Eventarc does not find the database.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from components.behind import behind
from components.function import Function
from components.gcp._account import ServiceAccount, service_account
from components.gcp._alarms import Alarm, Metric
from components.gcp._project import Project
from components.gcp._pubsub import let_sign
from components.gcp._service import Deployed
from components.group import Child
from functions.adapters.gcp import layout

CHILDREN = ("feed-account", "feed-agent", "feed-receiver", "feed")
CREATED = "google.cloud.firestore.document.v1.created"
RECEIVE = "roles/eventarc.eventReceiver"
PATIENCE = timedelta(seconds=10)
"""How long Eventarc waits for an answer: what Pub/Sub does by default, for neither Eventarc nor the provider has a
setting for it (read at github.com/hashicorp/terraform-provider-google/issues/17701, and not seen)."""
BEHIND = timedelta(minutes=5)
AGE = "pubsub.googleapis.com/subscription/oldest_unacked_message_age"
"""Of the subscription that Eventarc delivers by, in seconds."""


def make_feed(
    name: str, database: gcp.firestore.Database, function: Function, *, project: Project, child: Child
) -> None:
    account = service_account(
        f"{name}-feed", project=project, says=f"database {name}: calls {function.name}", opts=child("feed-account")
    )
    granted = (
        let_sign(account, opts=child("feed-agent")),
        account.allow(f"{name}-feed", role=RECEIVE, opts=child("feed-receiver")),
        *function.grant_invoke(account).carried_by,
    )
    trigger = _trigger(name, database, function, account, project, _once(granted, project, child))
    project.watch(_alarm(name, trigger.transport.apply(_subscription)))


def _trigger(
    name: str,
    database: gcp.firestore.Database,
    function: Function,
    account: ServiceAccount,
    project: Project,
    opts: pulumi.ResourceOptions,
) -> gcp.eventarc.Trigger:
    called = behind(function, Deployed)
    return gcp.eventarc.Trigger(
        name,
        project=project.id,
        name=project.name("trigger", name),
        location=database.location_id,
        matching_criterias=[
            gcp.eventarc.TriggerMatchingCriteriaArgs(attribute="type", value=CREATED),
            gcp.eventarc.TriggerMatchingCriteriaArgs(attribute="database", value=database.name),
            gcp.eventarc.TriggerMatchingCriteriaArgs(
                attribute="document", value=layout.EVENT_DOCUMENTS, operator="match-path-pattern"
            ),
        ],
        destination=gcp.eventarc.TriggerDestinationArgs(
            cloud_run_service=gcp.eventarc.TriggerDestinationCloudRunServiceArgs(
                service=called.service, region=called.location, path="/"
            )
        ),
        service_account=account.email,
        event_data_content_type="application/protobuf",
        deletion_policy="DELETE",
        opts=opts,
    )


def _once(granted: tuple[pulumi.Resource, ...], project: Project, child: Child) -> pulumi.ResourceOptions:
    """Eventarc asks at once whether its agent and the account may do what they are there for."""
    ready = project.ready("eventarc", "eventarcpublishing", "firestore", "pubsub", "run")
    return child("feed", pulumi.ResourceOptions.merge(ready, pulumi.ResourceOptions(depends_on=list(granted))))


def _subscription(transport: gcp.eventarc.outputs.TriggerTransport) -> str:
    """Its name, from `projects/P/subscriptions/NAME`."""
    return str(transport.pubsub and transport.pubsub.subscription).rpartition("/")[2]


def _alarm(name: str, subscription: pulumi.Input[str]) -> Alarm:
    return Alarm(
        about="feed-lag",
        contract="database",
        of=name,
        says=f"Events wait over {BEHIND} in the change feed of {name}: the relay fails or cannot keep up. "
        "Eventarc drops an event after a day.",
        metric=Metric(
            type=AGE,
            resource="pubsub_subscription",
            labels={"subscription_id": subscription},
            aligner="ALIGN_MAX",
            reducer="REDUCE_MAX",
        ),
        threshold=BEHIND.total_seconds(),
    )
