"""How the system is broken for each rule about what is allowed, and about what of Google's has to be there first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tests.breaking import Break, changed, retyped, unordered, without

FUNCTION = "cloudfunctionsv2.Function"
Case: TypeAlias = tuple[str, Break, str]
"""The form of the system, how it is broken, and what is said of it."""

ACCESS: Mapping[str, Case] = {
    "authoritative_policy": (
        "dev",
        retyped("pubsub.TopicIAMMember", "orders-relay", "gcp:pubsub/topicIAMBinding:TopicIAMBinding"),
        "pubsub.TopicIAMBinding orders-relay evicts everybody else",
    ),
    "default_service_account": (
        "dev",
        changed("workflows.Workflow", "order", "serviceAccount", None),
        "workflows.Workflow order names no account",
    ),
    "role_of_everything": (
        "dev",
        changed("pubsub.TopicIAMMember", "orders-relay", "role", "roles/editor"),
        "orders-relay grants roles/editor",
    ),
    "role_of_the_whole_project": (
        "dev",
        changed("projects.IAMMember", "orders-relay-.*|orders-api-read", "condition", {}),
        "orders-api-read grants datastore.entities.get on the whole project",
    ),
    "open_to_everybody": (
        "direct",
        changed(FUNCTION, "api", "serviceConfig.environmentVariables.ORDERLY_TOKEN_KEYS", None),
        "api is open to everybody and verifies no token",
    ),
    "invoked_by_the_role_of_the_first_generation": (
        "dev",
        changed("cloudrunv2.ServiceIamMember", "cleanup-.*", "role", "roles/cloudfunctions.invoker"),
        "grants cloudfunctions.invoker",
    ),
    "push_not_let_in": (
        "dev",
        without("cloudrunv2.ServiceIamMember", "fulfil-.*"),
        "pubsub.Subscription placed: orderly-",
    ),
    "schedule_not_let_in": (
        "dev",
        changed("cloudscheduler.Job", "cleanup", "httpTarget.oidcToken.audience", "https://x.example/run"),
        "its token is for https://x.example/run",
    ),
    "workflow_not_let_in": (
        "dev",
        unordered("workflows.Workflow", "order", besides="cloudrunv2.ServiceIamMember"),
        "workflows.Workflow order does not wait until it may call order-tasks",
    ),
    "trigger_not_let_in": (
        "dev",
        without("projects.IAMMember", "orders-feed"),
        "may not receive events",
    ),
    "gateway_not_let_in": (
        "dev",
        without("cloudrunv2.ServiceIamMember", "api-.*"),
        "apigateway.Gateway api: orderly-",
    ),
    "dead_letters_not_let_in": (
        "dev",
        without("pubsub.TopicIAMMember", "fulfilment-dead-letters"),
        "placed: Pub/Sub's agent may not publish to projects/orderly-test/topics/",
    ),
    "token_that_nobody_may_sign": (
        "dev",
        without("serviceaccount.IAMMember", "orders-feed"),
        "eventarc.Trigger orders does not wait until Pub/Sub may sign as orderly-",
    ),
    "start_not_let_start": (
        "dev",
        without("projects.IAMMember", "order-fulfil-starter"),
        "fulfil does not wait until it may start projects/orderly-test/locations/europe-west1/workflows/",
    ),
    "secret_not_let_read": (
        "partners",
        without("secretmanager.SecretIamMember", "payment-api-key-payment-tasks"),
        "payment-tasks may not read",
    ),
    "build_not_let_build": (
        "dev",
        without("artifactregistry.RepositoryIamMember", ".*"),
        "api: whoever builds it has no roles/artifactregistry.writer on projects/orderly-test/locations/",
    ),
    "function_before_what_it_may": (
        "dev",
        unordered(FUNCTION, "relay", besides="pubsub.TopicIAMMember"),
        "relay does not wait for pubsub.TopicIAMMember orders-relay",
    ),
    "resource_before_its_api": (
        "dev",
        without("projects.Service", "pubsub"),
        "pubsub.Topic orders needs pubsub.googleapis.com, which nothing enables",
    ),
    "api_taken_from_others": (
        "dev",
        changed("projects.Service", "pubsub", "disableOnDestroy", True),
        "pubsub.googleapis.com is disabled on destroy",
    ),
    "trigger_before_the_eventarc_agent": (
        "dev",
        without("projects.IAMMember", "eventarc-agent"),
        "orders does not wait for what the Eventarc agent may do",
    ),
    "workflow_before_the_workflows_agent": (
        "dev",
        without("projects.IAMMember", "workflows-agent"),
        "order does not wait for what the Workflows agent may do",
    ),
    "dead_letters_before_the_pubsub_agent": (
        "dev",
        without("projects.ServiceIdentity", "pubsub"),
        "fulfilment-dead-letters does not wait for the Pub/Sub agent",
    ),
    "gateway_before_its_managed_service": (
        "dev",
        unordered("apigateway.Gateway", "api", besides="projects.Service"),
        "api does not wait for orderly-",
    ),
}
