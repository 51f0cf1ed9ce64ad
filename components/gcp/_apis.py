"""The APIs that a system is made by, each enabled before whatever needs it, and the agents that Google acts as.

They stay enabled when the system goes: others in the project may use them by then. Cloud Resource Manager and Service
Usage have to be enabled by hand before anything, because they are what enables the rest. Enabling is eventually
consistent: the first `up` in a new project may fail for some minutes with "has not been used before"; run it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_gcp as gcp

from components.gcp_blocks import GcpConfig
from components.group import Child

CHILDREN = ("api", "agent", "agent-role")
ALWAYS = (
    "artifactregistry",
    "cloudbuild",
    "cloudfunctions",
    "cloudscheduler",
    "cloudtrace",
    "eventarc",
    "eventarcpublishing",
    "firestore",
    "iam",
    "iamcredentials",
    "logging",
    "monitoring",
    "pubsub",
    "run",
    "secretmanager",
    "storage",
    "workflowexecutions",
    "workflows",
)
BY_API_KIND: Mapping[str, tuple[str, ...]] = {
    "gateway": ("apigateway", "servicecontrol", "servicemanagement"),
    "load_balancer": ("compute",),
    "direct": (),
}
AGENT_ROLES: Mapping[str, str | None] = {
    "pubsub": None,
    "eventarc": "roles/eventarc.serviceAgent",
    "workflows": "roles/workflows.serviceAgent",
}
"""By service whose agent has to exist early, the role that it gets: Google makes an agent at the first use, and grants
it what it needs some time after, which the first trigger or workflow of a new project does not survive."""


def enable(config: GcpConfig, child: Child) -> dict[str, Sequence[pulumi.Resource]]:
    """By the API's first word, what to wait for."""
    names = (*ALWAYS, *BY_API_KIND[config.api_kind])
    apis: dict[str, Sequence[pulumi.Resource]] = {name: (_service(name, config, child),) for name in names}
    for name, role in AGENT_ROLES.items():
        apis[name] = (*apis[name], *_agent(name, role, config, child(name="agent", opts=_after(apis[name])), child))
    return apis


def _service(name: str, config: GcpConfig, child: Child) -> gcp.projects.Service:
    return gcp.projects.Service(
        name,
        project=config.project,
        service=f"{name}.googleapis.com",
        disable_on_destroy=False,
        disable_dependent_services=False,
        opts=child("api"),
    )


def _agent(
    name: str, role: str | None, config: GcpConfig, opts: pulumi.ResourceOptions, child: Child
) -> tuple[pulumi.Resource, ...]:
    agent = gcp.projects.ServiceIdentity(name, project=config.project, service=f"{name}.googleapis.com", opts=opts)
    if role is None:
        return (agent,)
    granted = gcp.projects.IAMMember(
        f"{name}-agent", project=config.project, role=role, member=agent.member, opts=child("agent-role")
    )
    return (agent, granted)


def _after(resources: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(depends_on=list(resources))
