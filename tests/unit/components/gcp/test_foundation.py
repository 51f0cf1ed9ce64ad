"""What all of Google Cloud stands on: one project and region, APIs that are on, agents that exist, a build."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.errors import WiringError
from components.foundation import FoundationArgs
from components.gcp.foundation import Foundation
from components.gcp.queue import Queue
from tests.graph import Graph, build, config, record
from tests.unit.components.gcp.members import May, may
from tests.unit.components.gcp.waiting import waited_for
from tests.unit.components.making import QUEUE

PARTNERS = {
    "payments": {"url": "https://pay.example", "api_key": "key"},
    "notification": {"webhook_url": "https://ops.example", "webhook_secret": "word"},
}
NEEDS: Mapping[str, str] = {
    "artifactregistry": "artifactregistry",
    "cloudfunctionsv2": "cloudfunctions",
    "eventarc": "eventarc",
    "firestore": "firestore",
    "pubsub": "pubsub",
    "secretmanager": "secretmanager",
    "serviceaccount": "iam",
    "storage": "storage",
}
"""By module of the provider, the API that makes its resources."""


KEPT_BY: Mapping[str, tuple[object, ...]] = {
    "deletionPolicy": ("PREVENT",),
    "deletionProtection": (True,),
    "deleteProtectionState": ("DELETE_PROTECTION_ENABLED",),
}
"""By input, the values by which nothing deletes what has it."""


def alone(stack: str = "local", **settings: object) -> Graph:
    def program() -> Mapping[str, Any]:
        return Foundation("alone", args=FoundationArgs(config=config("gcp", **settings))).outputs

    return record(program, stack=stack)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return alone()


@pytest.fixture(scope="module")
def system() -> Graph:
    return build(config("gcp", **PARTNERS))


def provider(graph: Graph) -> Mapping[str, Any]:
    (found,) = (each for each in graph if each.type == "pulumi:providers:gcp")
    return found.inputs


def test_everything_is_made_by_one_provider_that_is_bound_to_project_and_region(graph: Graph) -> None:
    assert (provider(graph)["project"], provider(graph)["region"]) == ("orderly-test", "europe-west1")
    assert graph.outputs == {"project": "orderly-test", "region": "europe-west1"}


def test_what_is_no_legal_label_becomes_one() -> None:
    """Upper case and dots are refused, and so is what has more than 63 characters."""
    labels = json.loads(provider(alone(stack=f"Feature.{'X' * 100}"))["defaultLabels"])
    assert labels == {"orderly-project": "orderly", "orderly-stack": f"feature-{'x' * 55}", "orderly-stage": "dev"}


def test_an_api_stays_enabled_when_the_system_goes(graph: Graph) -> None:
    services = graph.of("projects.Service").values()
    assert services
    assert {(each.inputs["disableOnDestroy"], each.inputs["disableDependentServices"]) for each in services} == {
        (False, False)
    }


def test_every_resource_waits_for_the_api_that_makes_it(system: Graph) -> None:
    """Mocks never miss an API that is off; the first `up` of a project does."""
    made = [found for found in system if found.type.startswith("gcp:") and found.kind.split(".")[0] in NEEDS]
    assert {found.kind.split(".")[0] for found in made} == set(NEEDS)
    for found in made:
        api = NEEDS[found.kind.split(".")[0]]
        assert ("projects.Service", api) in waited_for(system, found), found.urn


@pytest.mark.parametrize(("agent", "kind"), [("Eventarc", "eventarc.Trigger"), ("Workflows", "workflows.Workflow")])
def test_an_agent_has_its_role_before_it_is_needed(system: Graph, agent: str, kind: str) -> None:
    """Otherwise the first trigger, or workflow, of a new project is refused."""
    name = agent.lower()
    assert may(system, agent) == {May(role=f"{name}.serviceAgent", on="project")}
    (needing,) = system.of(kind).values()
    assert {("projects.ServiceIdentity", name), ("projects.IAMMember", f"{name}-agent")} <= waited_for(system, needing)


def test_traces_are_taken_in(graph: Graph) -> None:
    """Cloud Run sends them by itself, to an API that has to be enabled."""
    assert graph.one("projects.Service", "cloudtrace").inputs["service"] == "cloudtrace.googleapis.com"


def test_pubsubs_agent_exists_before_it_is_granted_anything(system: Graph) -> None:
    kinds = ("pubsub.TopicIAMMember", "pubsub.SubscriptionIAMMember", "serviceaccount.IAMMember")
    to_the_agent = [
        found for kind in kinds for found in system.of(kind).values() if "gcp-sa-pubsub" in found.inputs["member"]
    ]
    assert to_the_agent
    for found in to_the_agent:
        assert ("projects.ServiceIdentity", "pubsub") in waited_for(system, found), found.urn


def test_the_build_account_may_build_and_nothing_else(graph: Graph) -> None:
    """The default one may often edit the project, or in a new organisation not even build."""
    uploads = "projects/_/buckets/gcf-v2-sources-123456789012-europe-west1"
    assert may(graph, "alone-build") == {
        May(role="logging.logWriter", on="project"),
        May(role="artifactregistry.writer", on="alone"),
        May(role="storage.objectViewer", on="alone-source"),
        May(
            role="storage.objectViewer",
            on="project",
            only=f'resource.name == "{uploads}" || resource.name.startsWith("{uploads}/")',
        ),
    }


def test_images_do_not_pile_up(graph: Graph) -> None:
    """Without the last line the policies only say what they would do."""
    inputs = graph.one("artifactregistry.Repository", "alone").inputs
    assert {policy["action"] for policy in inputs["cleanupPolicies"]} == {"KEEP", "DELETE"}
    assert inputs["cleanupPolicyDryRun"] is False


def test_the_source_is_named_by_its_hash_and_nobody_elses_to_read(graph: Graph) -> None:
    """A changed source under the same name is built by nobody."""
    source, bucket = graph.one("storage.BucketObject", "functions"), graph.one("storage.Bucket", "alone-source")
    assert source.inputs["name"].endswith(source.inputs["source"].path.rpartition("/")[2])
    assert source.inputs["bucket"] == bucket.inputs["name"]
    assert bucket.inputs["publicAccessPrevention"] == "enforced"
    assert bucket.inputs["uniformBucketLevelAccess"] is True


def test_two_projects_never_ask_for_a_bucket_of_the_same_name() -> None:
    names = {
        alone(gcp={"project": project, "region": "europe-west1"}).one("storage.Bucket", "alone-source").inputs["name"]
        for project in ("first-project", "second-project")
    }
    assert len(names) == 2


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_what_google_or_its_provider_keeps_from_being_deleted_pulumi_keeps_too(stage: str) -> None:
    """A `destroy` is then refused before anything is gone, and not in the midst of it."""
    graph = build(config("gcp", stage=stage, **PARTNERS))
    on_the_way = {each.urn for each in graph if any(each.inputs.get(name) in kept for name, kept in KEPT_BY.items())}
    beforehand = {each.urn for each in graph if each.protect}
    assert bool(on_the_way) == (stage == "prod")
    assert beforehand - on_the_way == {
        each.urn for each in graph.of("logging.ProjectBucketConfig").values() if on_the_way
    }
    assert on_the_way <= beforehand


def test_nobody_elses_grants_are_taken_away(system: Graph) -> None:
    """A binding or a policy of IAM is the whole of it: it evicts whoever else was in."""
    assert not [found.type for found in system if found.type.endswith(("IAMBinding", "IamBinding", "IAMPolicy"))]


def test_a_component_of_another_targets_foundation_is_refused() -> None:
    from components.local.foundation import Foundation as Local

    def program() -> dict[str, object]:
        local = Local("elsewhere", args=FoundationArgs(config=config("local")))
        Queue("parcels", args=QUEUE, foundation=local)
        return {}

    with pytest.raises(
        WiringError, match=r"^elsewhere is of components\.local\.foundation and has no Project behind it"
    ):
        record(program)
