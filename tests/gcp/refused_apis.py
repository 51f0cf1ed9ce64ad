"""What a new project refuses because something of Google's is not there yet: an API, an agent, what an agent may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.gcp.landscape import Landscape
from tests.graph import Resource

APIS: Mapping[str, str] = {
    "artifactregistry": "artifactregistry",
    "apigateway": "apigateway",
    "cloudfunctionsv2": "cloudfunctions",
    "cloudrunv2": "run",
    "cloudscheduler": "cloudscheduler",
    "compute": "compute",
    "eventarc": "eventarc",
    "firestore": "firestore",
    "logging": "logging",
    "monitoring": "monitoring",
    "pubsub": "pubsub",
    "secretmanager": "secretmanager",
    "serviceaccount": "iam",
    "storage": "storage",
    "workflows": "workflows",
}
"""By a kind's first word, the API that makes it. Projects are made by what has to be enabled by hand before all."""
BESIDES: Mapping[str, tuple[str, ...]] = {
    "cloudfunctionsv2.Function": ("cloudbuild", "run", "artifactregistry"),
    "workflows.Workflow": ("workflowexecutions",),
    "apigateway.Api": ("servicecontrol", "servicemanagement"),
    "apigateway.ApiConfig": ("servicecontrol", "servicemanagement"),
    "apigateway.Gateway": ("servicecontrol", "servicemanagement"),
    "eventarc.Trigger": ("eventarcpublishing", "run"),
}
"""What else has to be enabled: 403 or 400 while it is made, or at the first call."""


def resource_before_its_api(land: Landscape) -> Iterator[str]:
    """403 `API has not been used in project before or it is disabled`, on a new project only."""
    services = {found.inputs["service"]: found for found in land.of("projects.Service")}
    for resource in land.graph:
        for api in _needed(resource):
            service = services.get(f"{api}.googleapis.com")
            if service is None:
                yield f"{resource.kind} {resource.name} needs {api}.googleapis.com, which nothing enables"
            elif not land.graph.comes_after(resource, service):
                yield f"{resource.kind} {resource.name} does not wait for {api}.googleapis.com"


def api_taken_from_others(land: Landscape) -> Iterator[str]:
    """What else is in the project stops working when the system goes."""
    for service in land.of("projects.Service"):
        is_googles = str(service.inputs["service"]).endswith(".googleapis.com")
        if is_googles and service.inputs.get("disableOnDestroy") is not False:
            yield f"{service.inputs['service']} is disabled on destroy, for everybody in the project"


def trigger_before_the_eventarc_agent(land: Landscape) -> Iterator[str]:
    """400 `Permission denied while using the Eventarc Service Agent`; waiting did not help."""
    for trigger in land.of("eventarc.Trigger"):
        yield from _before_the_agent(land, trigger, "Eventarc")


def workflow_before_the_workflows_agent(land: Landscape) -> Iterator[str]:
    """400: the agent does not exist, as a project's first workflow makes it and needs it at once."""
    for workflow in land.of("workflows.Workflow"):
        yield from _before_the_agent(land, workflow, "Workflows")


def dead_letters_before_the_pubsub_agent(land: Landscape) -> Iterator[str]:
    """400 `Service account service-N@gcp-sa-pubsub does not exist`."""
    agents = [found for found in land.of("projects.ServiceIdentity") if "pubsub" in found.inputs["service"]]
    for grant in land.grants:
        if "gcp-sa-pubsub" in grant.member and not any(land.graph.comes_after(grant.made, each) for each in agents):
            yield f"{grant.made.kind} {grant.made.name} does not wait for the Pub/Sub agent that it names"


def gateway_before_its_managed_service(land: Landscape) -> Iterator[str]:
    """403 at every call while the API, which is one of Google's services, is not enabled."""
    for api in land.of("apigateway.Api"):
        service = next(
            (each for each in land.of("projects.Service") if each.inputs["service"] == api.state["managedService"]),
            None,
        )
        if service is None:
            yield f"{api.name}: {api.state['managedService']} is not enabled"
            continue
        for gateway in land.of("apigateway.Gateway"):
            if not land.graph.comes_after(gateway, service):
                yield f"{gateway.name} does not wait for {api.state['managedService']}"


def _before_the_agent(land: Landscape, resource: Resource, agent: str) -> Iterator[str]:
    """An agent is there from its first use on, or once it was asked for, and is granted its role some time after."""
    name = agent.lower()
    asked_for = [found for found in land.of("projects.ServiceIdentity") if name in found.inputs["service"]]
    granted = [
        grant.made
        for grant in land.grants
        if grant.role == f"roles/{name}.serviceAgent" and f"gcp-sa-{name}" in grant.member
    ]
    if not any(land.graph.comes_after(resource, each) for each in asked_for):
        yield f"{resource.name} does not wait for the {agent} agent, which exists from its first use on"
    if not any(land.graph.comes_after(resource, each) for each in granted):
        yield f"{resource.name} does not wait for what the {agent} agent may do"


def _needed(resource: Resource) -> Iterator[str]:
    if resource.type.startswith("gcp:"):
        first = resource.kind.partition(".")[0]
        if first in APIS:
            yield APIS[first]
        yield from BESIDES.get(resource.kind, ())


RULES = (
    resource_before_its_api,
    api_taken_from_others,
    trigger_before_the_eventarc_agent,
    workflow_before_the_workflows_agent,
    dead_letters_before_the_pubsub_agent,
    gateway_before_its_managed_service,
)
