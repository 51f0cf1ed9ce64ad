"""Who calls a function without being let in: each call is refused, and mostly nobody is told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.gcp.landscape import Landscape, documents, email
from tests.graph import Resource

INVOKER = "roles/run.invoker"
SIGNERS = ("roles/iam.serviceAccountOpenIdTokenCreator", "roles/iam.serviceAccountTokenCreator")
SERVICE_IN_A_SOURCE = re.compile(r'"url":\s*"(https://[^"]+)"')


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
            yield from _not_let_call(land, workflow, email(workflow.inputs.get("serviceAccount")), url)


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


def token_that_nobody_may_sign(land: Landscape) -> Iterator[str]:
    """In a project whose Pub/Sub agent is from before April 2021 each push is answered 401 or 403."""
    for pushing, account in _pushing(land):
        signing = [
            grant.made
            for grant in land.grants
            if grant.made.kind == "serviceaccount.IAMMember"
            and grant.role in SIGNERS
            and grant.on == account
            and "gcp-sa-pubsub" in grant.member
        ]
        if not any(land.graph.comes_after(pushing, each) for each in signing):
            yield f"{pushing.kind} {pushing.name} does not wait until Pub/Sub may sign as {account}"


def _pushing(land: Landscape) -> Iterator[tuple[Resource, object]]:
    """Whatever Pub/Sub pushes, and as which account: Eventarc has it deliver too."""
    for subscription in land.of("pubsub.Subscription"):
        token = subscription.inputs.get("pushConfig", {}).get("oidcToken")
        if token:
            yield subscription, token["serviceAccountEmail"]
    yield from ((trigger, trigger.inputs.get("serviceAccount")) for trigger in land.of("eventarc.Trigger"))


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


RULES = (
    push_not_let_in,
    schedule_not_let_in,
    workflow_not_let_in,
    trigger_not_let_in,
    gateway_not_let_in,
    token_that_nobody_may_sign,
)
