"""Who may do too much, and who may not do what it is there for: most of the second kind fail without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tests.gcp.landscape import Landscape, account_of, email, variables
from tests.graph import Resource

PUBLISHER, SUBSCRIBER = "roles/pubsub.publisher", "roles/pubsub.subscriber"
START = "workflows.executions.create"
BASIC = ("roles/owner", "roles/editor", "roles/viewer")
EVERYBODY = ("allUsers", "allAuthenticatedUsers")
PROJECT_LEVEL: Mapping[str, str] = {
    "roles/logging.logWriter": "a log belongs to the project",
    "roles/eventarc.eventReceiver": "Eventarc asks for it on the project",
    "roles/eventarc.serviceAgent": "Google grants it there itself, too late",
    "roles/workflows.serviceAgent": "Google grants it there itself, too late",
    START: "a workflow has no policy",
}
"""Roles, and permissions of custom ones, that have no narrower place; anything else on a project needs a condition."""


def authoritative_policy(land: Landscape) -> Iterator[str]:
    """A Binding or a Policy removes every member that it does not name, Google's own agents among them."""
    for resource in land.graph:
        if resource.type.startswith("gcp:") and re.search(r"I[aA][mM](Binding|Policy)$", resource.kind):
            yield f"{resource.kind} {resource.name} evicts everybody else; there is a Member for it"


def default_service_account(land: Landscape) -> Iterator[str]:
    """Left out, it is the Compute account of the project, which may often edit everything."""
    for resource, named in _acting(land):
        if not named:
            yield f"{resource.kind} {resource.name} names no account, so it acts as the project's default one"


def role_of_everything(land: Landscape) -> Iterator[str]:
    for grant in land.grants:
        if grant.role in BASIC:
            yield f"{grant.made.name} grants {grant.role}, which is of everything in the project"


def role_of_the_whole_project(land: Landscape) -> Iterator[str]:
    for grant in land.grants:
        if grant.made.kind == "projects.IAMMember" and not grant.condition:
            for each in land.permissions(grant.role) or (grant.role,):
                if each not in PROJECT_LEVEL:
                    yield f"{grant.made.name} grants {each} on the whole project; it has to be on a resource"


def open_to_everybody(land: Landscape) -> Iterator[str]:
    """Of a function that is told of no keys, everybody could write the claims that it believes."""
    for grant in land.grants:
        if grant.member not in EVERYBODY:
            continue
        function = land.named("cloudfunctionsv2.Function", grant.on)
        if grant.made.kind != "cloudrunv2.ServiceIamMember" or function is None:
            yield f"{grant.made.kind} {grant.made.name} lets everybody in"
        elif "ORDERLY_TOKEN_KEYS" not in variables(function):
            yield f"{function.name} is open to everybody and verifies no token"


def invoked_by_the_role_of_the_first_generation(land: Landscape) -> Iterator[str]:
    """A function of the second generation is called through Cloud Run, which asks for run.invoker on the service."""
    for resource in land.graph:
        if "cloudfunctions.invoker" in str(resource.inputs.get("role", "")):
            yield f"{resource.kind} {resource.name} grants cloudfunctions.invoker, which Cloud Run does not ask for"


def dead_letters_not_let_in(land: Landscape) -> Iterator[str]:
    """Pub/Sub says nothing: it delivers again for ever."""
    for subscription in land.of("pubsub.Subscription"):
        topic = subscription.inputs.get("deadLetterPolicy", {}).get("deadLetterTopic")
        if topic is None:
            continue
        agent = "gcp-sa-pubsub.iam.gserviceaccount.com"
        publishes = [
            each for each in _of_agent(land, agent, "pubsub.TopicIAMMember", PUBLISHER) if topic.endswith(f"/{each}")
        ]
        if not publishes:
            yield f"{subscription.name}: Pub/Sub's agent may not publish to {topic}"
        if subscription.inputs["name"] not in _of_agent(land, agent, "pubsub.SubscriptionIAMMember", SUBSCRIBER):
            yield f"{subscription.name}: Pub/Sub's agent may not take messages out of it"


def secret_not_let_read(land: Landscape) -> Iterator[str]:
    """The revision does not start: it reads its secrets before anything else."""
    for function in land.of("cloudfunctionsv2.Function"):
        for mounted in function.inputs.get("serviceConfig", {}).get("secretEnvironmentVariables", ()):
            grant = land.granted(
                "secretmanager.SecretIamMember",
                "roles/secretmanager.secretAccessor",
                on=mounted["secret"],
                to=account_of(function),
            )
            if grant is None or not land.graph.comes_after(function, grant.made):
                yield f"{function.name} may not read {mounted['secret']} when it starts"


def build_not_let_build(land: Landscape) -> Iterator[str]:
    for function in land.of("cloudfunctionsv2.Function"):
        build = function.inputs["buildConfig"]
        account = email(build.get("serviceAccount"))
        if not account:
            yield f"{function.name}: nobody is named who builds it"
            continue
        needed = (
            ("artifactregistry.RepositoryIamMember", "roles/artifactregistry.writer", build.get("dockerRepository")),
            ("storage.BucketIAMMember", "roles/storage.objectViewer", build["source"]["storageSource"]["bucket"]),
            ("projects.IAMMember", "roles/logging.logWriter", function.inputs["project"]),
        )
        for kind, role, on in needed:
            grant = land.granted(kind, role, on=on, to=account)
            if grant is None or not land.graph.comes_after(function, grant.made):
                yield f"{function.name}: whoever builds it has no {role} on {on}"
        uploads = [
            each.made
            for each in land.grants
            if each.member == f"serviceAccount:{account}" and "gcf-v2-sources-" in str(each.condition)
        ]
        if not any(land.graph.comes_after(function, each) for each in uploads):
            yield f"{function.name}: whoever builds it may not read Google's bucket gcf-v2-sources"


def start_not_let_start(land: Landscape) -> Iterator[str]:
    """403 at each start; the messages go to the dead letters."""
    for function in land.of("cloudfunctionsv2.Function"):
        if "ORDERLY_WORKFLOW" not in variables(function):
            continue
        starting = [
            grant.made
            for grant in land.grants
            if grant.member == f"serviceAccount:{account_of(function)}" and START in land.permissions(grant.role)
        ]
        if not any(land.graph.comes_after(function, each) for each in starting):
            yield f"{function.name} does not wait until it may start {variables(function)['ORDERLY_WORKFLOW']}"


def function_before_what_it_may(land: Landscape) -> Iterator[str]:
    """A right takes seconds to minutes to be known everywhere; a function's first calls would not have it."""
    for function in land.of("cloudfunctionsv2.Function"):
        for grant in land.grants:
            is_own = grant.member == f"serviceAccount:{account_of(function)}"
            if is_own and not land.graph.comes_after(function, grant.made):
                yield f"{function.name} does not wait for {grant.made.kind} {grant.made.name}"


def _acting(land: Landscape) -> Iterator[tuple[Resource, object]]:
    for function in land.of("cloudfunctionsv2.Function"):
        yield function, account_of(function) and function.inputs["buildConfig"].get("serviceAccount")
    for kind in ("workflows.Workflow", "eventarc.Trigger"):
        yield from ((found, found.inputs.get("serviceAccount")) for found in land.of(kind))
    for config in land.of("apigateway.ApiConfig"):
        backend = config.inputs.get("gatewayConfig", {}).get("backendConfig", {})
        yield config, backend.get("googleServiceAccount")


def _of_agent(land: Landscape, agent: str, kind: str, role: str) -> list[str]:
    return [
        grant.on for grant in land.grants if grant.made.kind == kind and grant.role == role and agent in grant.member
    ]


RULES = (
    authoritative_policy,
    default_service_account,
    role_of_everything,
    role_of_the_whole_project,
    open_to_everybody,
    invoked_by_the_role_of_the_first_generation,
    dead_letters_not_let_in,
    secret_not_let_read,
    build_not_let_build,
    start_not_let_start,
    function_before_what_it_may,
)
