"""Who may do too much, and who may not do what it is there for: most of the second kind fail without a word."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.gcp.landscape import Landscape, account_of, variables
from tests.graph import Resource

INVOKER, PUBLISHER, SUBSCRIBER = "roles/run.invoker", "roles/pubsub.publisher", "roles/pubsub.subscriber"
BASIC = ("roles/owner", "roles/editor", "roles/viewer")
EVERYBODY = ("allUsers", "allAuthenticatedUsers")
PROJECT_LEVEL: Mapping[str, str] = {
    "roles/logging.logWriter": "a log belongs to the project",
    "roles/eventarc.eventReceiver": "Eventarc asks for it on the project",
    "roles/eventarc.serviceAgent": "Google grants it there itself, too late",
    "roles/workflows.invoker": "a workflow has no policy",
}
"""What Google has no narrower place for; anything else on a project needs a condition."""
SERVICE_IN_A_SOURCE = re.compile(r'"url":\s*"(https://[^"]+)"')


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
        if grant.made.kind == "projects.IAMMember" and not grant.condition and grant.role not in PROJECT_LEVEL:
            yield f"{grant.made.name} grants {grant.role} on the whole project; it has to be on a resource"


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


def push_not_let_in(land: Landscape) -> Iterator[str]:
    """Each push is answered 401 or 403, and the message goes to the dead letters."""
    for subscription in land.of("pubsub.Subscription"):
        push = subscription.inputs.get("pushConfig")
        if push:
            token = push.get("oidcToken", {})
            called = push["pushEndpoint"]
            yield from _not_let_call(land, subscription, token.get("serviceAccountEmail"), called)
            yield from _wrong_audience(land, subscription, token.get("audience"), called)


def schedule_not_let_in(land: Landscape) -> Iterator[str]:
    for job in land.of("cloudscheduler.Job"):
        target = job.inputs.get("httpTarget", {})
        token = target.get("oidcToken", {})
        yield from _not_let_call(land, job, token.get("serviceAccountEmail"), target.get("uri"))
        yield from _wrong_audience(land, job, token.get("audience"), target.get("uri"))


def workflow_not_let_in(land: Landscape) -> Iterator[str]:
    for workflow in land.of("workflows.Workflow"):
        for url in sorted(set(SERVICE_IN_A_SOURCE.findall(workflow.inputs["sourceContents"]))):
            yield from _not_let_call(land, workflow, _email(workflow.inputs.get("serviceAccount")), url)


def trigger_not_let_in(land: Landscape) -> Iterator[str]:
    for trigger in land.of("eventarc.Trigger"):
        service = trigger.inputs["destination"].get("cloudRunService", {}).get("service")
        function, account = land.named("cloudfunctionsv2.Function", service), trigger.inputs.get("serviceAccount")
        if function is None:
            yield f"{trigger.name} calls {service}, which is not here"
            continue
        yield from _not_let_call(land, trigger, account, function.state["serviceConfig"]["uri"])
        receiver = land.granted(
            "projects.IAMMember", "roles/eventarc.eventReceiver", on=trigger.inputs["project"], to=account
        )
        if receiver is None or not land.graph.comes_after(trigger, receiver.made):
            yield f"{trigger.name}: {account} may not receive events"


def gateway_not_let_in(land: Landscape) -> Iterator[str]:
    for config in land.of("apigateway.ApiConfig"):
        account = config.inputs.get("gatewayConfig", {}).get("backendConfig", {}).get("googleServiceAccount")
        for document in documents(config):
            backend = document.get("x-google-backend", {})
            gateways = [each for each in land.of("apigateway.Gateway") if each.inputs["apiConfig"] == config.id]
            for gateway in gateways:
                yield from _not_let_call(land, gateway, account, backend.get("address"))


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
        account = _email(build.get("serviceAccount"))
        needed = (
            ("artifactregistry.RepositoryIamMember", "roles/artifactregistry.writer", build.get("dockerRepository")),
            ("storage.BucketIAMMember", "roles/storage.objectViewer", build["source"]["storageSource"]["bucket"]),
            ("projects.IAMMember", "roles/logging.logWriter", function.inputs["project"]),
        )
        for kind, role, on in needed:
            grant = land.granted(kind, role, on=on, to=account)
            if grant is None or not land.graph.comes_after(function, grant.made):
                yield f"{function.name}: whoever builds it has no {role} on {on}"
        if not any("gcf-v2-sources-" in str(each.condition) and each.member.endswith(account) for each in land.grants):
            yield f"{function.name}: whoever builds it may not read Google's bucket gcf-v2-sources"


def function_before_what_it_may(land: Landscape) -> Iterator[str]:
    """A right takes seconds to minutes to be known everywhere; a function's first calls would not have it."""
    for function in land.of("cloudfunctionsv2.Function"):
        for grant in land.grants:
            is_own = grant.member == f"serviceAccount:{account_of(function)}"
            if is_own and not land.graph.comes_after(function, grant.made):
                yield f"{function.name} does not wait for {grant.made.kind} {grant.made.name}"


def documents(config: Resource) -> Iterator[dict[str, Any]]:
    """What an API's configuration says in Swagger."""
    for each in config.inputs.get("openapiDocuments", ()):
        yield json.loads(base64.b64decode(each["document"]["contents"]))


def _acting(land: Landscape) -> Iterator[tuple[Resource, object]]:
    for function in land.of("cloudfunctionsv2.Function"):
        yield function, account_of(function) and function.inputs["buildConfig"].get("serviceAccount")
    for kind in ("workflows.Workflow", "eventarc.Trigger"):
        yield from ((found, found.inputs.get("serviceAccount")) for found in land.of(kind))
    for config in land.of("apigateway.ApiConfig"):
        backend = config.inputs.get("gatewayConfig", {}).get("backendConfig", {})
        yield config, backend.get("googleServiceAccount")


def _not_let_call(land: Landscape, caller: Resource, account: object, url: object) -> Iterator[str]:
    function = land.function_at(url)
    if function is None:
        yield f"{caller.kind} {caller.name} calls {url}, which is no function here"
        return
    grant = land.granted("cloudrunv2.ServiceIamMember", INVOKER, on=function.inputs["name"], to=account)
    if grant is None:
        yield f"{caller.kind} {caller.name}: {account} may not call {function.name}"
    elif not land.graph.comes_after(caller, grant.made):
        yield f"{caller.kind} {caller.name} does not wait until it may call {function.name}"


def _wrong_audience(land: Landscape, caller: Resource, audience: object, url: object) -> Iterator[str]:
    """Left out it is the address with its path, which Cloud Run does not take."""
    function = land.function_at(url)
    if function and audience != function.state["serviceConfig"]["uri"]:
        yield f"{caller.kind} {caller.name}: its token is for {audience}; it has to be for the service's address"


def _of_agent(land: Landscape, agent: str, kind: str, role: str) -> list[str]:
    return [
        grant.on for grant in land.grants if grant.made.kind == kind and grant.role == role and agent in grant.member
    ]


def _email(account: object) -> str:
    """Of `projects/p/serviceAccounts/a@b`."""
    return str(account or "").rpartition("/")[2]


RULES = (
    authoritative_policy,
    default_service_account,
    role_of_everything,
    role_of_the_whole_project,
    open_to_everybody,
    invoked_by_the_role_of_the_first_generation,
    push_not_let_in,
    schedule_not_let_in,
    workflow_not_let_in,
    trigger_not_let_in,
    gateway_not_let_in,
    dead_letters_not_let_in,
    secret_not_let_read,
    build_not_let_build,
    function_before_what_it_may,
)
