"""What only Cloud Run functions have: accounts, builds, ingress, instances and the CPU to match."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.behind import behind
from components.bucket import Bucket, BucketArgs
from components.errors import WiringError
from components.function import Function, FunctionArgs
from components.gcp._account import service_account
from components.gcp._project import Project
from components.queue import Queue
from components.secret import Secret, SecretArgs
from functions.environment import Variable
from tests.graph import Graph, Resource, config
from tests.unit.components.gcp.members import May, may
from tests.unit.components.gcp.waiting import waited_for
from tests.unit.components.making import QUEUE, Make, function_args, made_alone

HASHED = 1
"""Of the flags that bytecode begins with (PEP 552)."""
PLACE = {"project": "orderly-test", "region": "europe-west1"}


def one(args: FunctionArgs, **gcp: object) -> Resource:
    def wire(make: Make) -> None:
        make(Function, "pack", args)

    return made_alone("gcp", wire, gcp={**PLACE, **gcp}).one("cloudfunctionsv2.Function", "pack")


def service(args: FunctionArgs, **gcp: object) -> Mapping[str, Any]:
    found: Mapping[str, Any] = one(args, **gcp).inputs["serviceConfig"]
    return found


def awaited(memory_mb: int = 512) -> FunctionArgs:
    return replace(function_args(), is_awaited=True, memory_mb=memory_mb, warm_instances=3)


@pytest.fixture(scope="module")
def graph() -> Graph:
    """A function with a secret and a bucket, another that calls it."""

    def wire(make: Make) -> None:
        secret = make(Secret, "word", SecretArgs(value=pulumi.Output.secret("of-the-day")))
        bucket = make(Bucket, "files", BucketArgs(deletion_protection=False))
        called = make(Function, "pack", function_args(bucket.writer(), secret.reader(Variable.PAYMENT_SECRET)))
        caller = make(Function, "caller", function_args())
        called.grant_invoke(caller.identity)
        called.grant_invoke(caller.identity)

    return made_alone("gcp", wire)


def test_its_modules_are_compiled_so_that_bytecode_outlives_the_build(graph: Graph, tmp_path: Path) -> None:
    """Google's build sets every file's time to 1980 after compiling; what is known by its source's hash stays valid."""
    given = graph.one("cloudfunctionsv2.Function", "pack").inputs["buildConfig"]["environmentVariables"]
    (tmp_path / "shipped.py").write_text("WEIGHT = 7\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(tmp_path)], env={**os.environ, **given}, check=True)
    (compiled,) = tmp_path.rglob("*.pyc")
    assert int.from_bytes(compiled.read_bytes()[4:8], "little") & HASHED


def test_a_function_runs_and_is_built_as_accounts_of_its_own(graph: Graph) -> None:
    """What is left out is the project's default account, which may often edit everything."""
    inputs = graph.one("cloudfunctionsv2.Function", "pack").inputs
    accounts = graph.of("serviceaccount.Account")
    assert inputs["serviceConfig"]["serviceAccountEmail"] == accounts["pack"].state["email"]
    assert inputs["buildConfig"]["serviceAccount"] == accounts["alone-build"].state["name"]
    assert inputs["buildConfig"]["dockerRepository"] == graph.one("artifactregistry.Repository", "alone").id


def test_it_is_built_from_the_one_source_with_its_handler_as_entry_point(graph: Graph) -> None:
    build = graph.one("cloudfunctionsv2.Function", "pack").inputs["buildConfig"]
    source = graph.one("storage.BucketObject", "functions").inputs
    assert (build["runtime"], build["entryPoint"]) == ("python313", "handle")
    assert build["source"]["storageSource"] == {"bucket": source["bucket"], "object": source["name"]}


def test_it_is_not_made_before_it_and_its_build_may_do_what_they_do(graph: Graph) -> None:
    """A revision that mounts a secret reads it when it is made."""
    before = waited_for(graph, graph.one("cloudfunctionsv2.Function", "pack"))
    assert {
        ("storage.BucketIAMMember", "files-pack"),
        ("secretmanager.SecretIamMember", "word-pack"),
        ("secretmanager.SecretVersion", "word"),
        ("artifactregistry.RepositoryIamMember", "alone-build-images"),
        ("projects.IAMMember", "alone-build-uploads"),
    } <= before


def test_whoever_calls_it_is_let_in_by_the_service_behind_it_and_once(graph: Graph) -> None:
    """A role of Cloud Functions lets nobody call the second generation."""
    assert may(graph, "caller") == {May(role="run.invoker", on="pack")}
    assert [found.name for found in graph if found.kind == "cloudrunv2.ServiceIamMember"] == ["pack-caller"]


def test_what_google_alone_calls_can_be_reached_by_nobody_else() -> None:
    assert service(function_args())["ingressSettings"] == "ALLOW_INTERNAL_ONLY"


@pytest.mark.parametrize(
    ("block", "ingress"),
    [
        ({"api_kind": "gateway"}, "ALLOW_ALL"),
        ({"api_kind": "direct"}, "ALLOW_ALL"),
        ({"api_kind": "load_balancer", "domain": "orders.example.com"}, "ALLOW_INTERNAL_AND_GCLB"),
    ],
)
def test_the_api_is_open_to_what_stands_before_it(block: Mapping[str, object], ingress: str) -> None:
    assert service(awaited(), **block)["ingressSettings"] == ingress


@pytest.mark.parametrize(("memory_mb", "cpu"), [(512, "1"), (2048, "1"), (4096, "2")])
def test_more_than_one_request_at_once_gets_a_whole_cpu(memory_mb: int, cpu: str) -> None:
    """With a part of one the deployment is refused."""
    config = service(awaited(memory_mb), concurrency=8)
    assert (config["maxInstanceRequestConcurrency"], config["availableCpu"]) == (8, cpu)
    assert config["availableMemory"] == f"{memory_mb}Mi"


def test_one_request_at_once_gets_what_google_gives_for_the_memory() -> None:
    config = service(awaited(), concurrency=1)
    assert config["maxInstanceRequestConcurrency"] == 1
    assert "availableCpu" not in config


def test_only_the_api_serves_several_requests_with_one_instance() -> None:
    assert service(function_args(), concurrency=8)["maxInstanceRequestConcurrency"] == 1


@pytest.mark.parametrize("concurrency", [1, 8])
def test_each_request_that_is_served_at_once_has_a_thread(concurrency: int) -> None:
    assert service(awaited(), concurrency=concurrency)["environmentVariables"]["THREADS"] == str(concurrency)


def test_instances_are_kept_ready_and_their_number_is_bounded() -> None:
    config = service(awaited(), max_instances=7)
    assert (config["minInstanceCount"], config["maxInstanceCount"]) == (3, 7)


def test_a_consumer_has_as_many_instances_as_messages_may_be_worked_on() -> None:
    """Pub/Sub has no limit of its own for a push."""

    def wire(make: Make) -> None:
        make(Function, "pack", function_args(trigger=make(Queue, "parcels", QUEUE).deliveries(max_concurrency=4)))

    config = made_alone("gcp", wire).one("cloudfunctionsv2.Function", "pack").inputs["serviceConfig"]
    assert (config["maxInstanceCount"], config["environmentVariables"]["THREADS"]) == (4, "1")


def test_messages_wait_at_an_instance_instead_of_being_turned_away() -> None:
    """One that is turned away uses up a delivery: a burst would make dead letters of what nobody has tried."""

    def wire(make: Make) -> None:
        make(Function, "pack", function_args(trigger=make(Queue, "parcels", QUEUE).deliveries(max_concurrency=4)))

    config = made_alone("gcp", wire).one("cloudfunctionsv2.Function", "pack").inputs["serviceConfig"]
    assert (config["maxInstanceRequestConcurrency"], config["availableCpu"]) == (8, "1")


@pytest.mark.parametrize("kind", ["gateway", "direct"])
def test_behind_another_front_the_api_is_another_service(kind: str) -> None:
    """What believes the gateway has never been open to everybody, not even during an update."""

    def wire(make: Make) -> None:
        make(Function, "api", awaited())
        make(Function, "pack", function_args())

    graph = made_alone("gcp", wire, gcp={**PLACE, "api_kind": kind})
    named = {name: found.inputs["name"] for name, found in graph.of("cloudfunctionsv2.Function").items()}
    assert kind in named["api"]
    assert kind not in named["pack"]


def test_a_function_can_name_its_project_in_a_trace() -> None:
    assert service(function_args())["environmentVariables"]["ORDERLY_PROJECT"] == "orderly-test"


def test_a_secret_is_mounted_by_its_number_and_named_by_its_variable(graph: Graph) -> None:
    """What `latest` is would be decided by each instance for itself."""
    config = graph.one("cloudfunctionsv2.Function", "pack").inputs["serviceConfig"]
    assert config["secretEnvironmentVariables"] == [
        {
            "key": "ORDERLY_SECRET_WORD",
            "projectId": "orderly-test",
            "secret": graph.one("secretmanager.Secret", "word").inputs["secretId"],
            "version": "1",
        }
    ]
    assert ("ORDERLY_PAYMENT_SECRET", "ORDERLY_SECRET_WORD") in config["environmentVariables"].items()


def test_a_role_on_the_whole_project_is_refused_where_there_is_a_narrower_place() -> None:
    def wire(make: Make) -> None:
        from components.foundation import FoundationArgs
        from components.gcp.foundation import Foundation

        project = behind(Foundation("second", args=FoundationArgs(config=config("gcp"))), Project)
        account = service_account("greedy", project=project, says="", opts=pulumi.ResourceOptions())
        account.allow("greedy", role="roles/pubsub.publisher", opts=pulumi.ResourceOptions())

    with pytest.raises(WiringError, match=r"account greedy: roles/pubsub\.publisher on the whole project"):
        made_alone("gcp", wire)


def test_an_identity_of_another_target_is_refused() -> None:
    class Stranger:
        name = "stranger"

    def wire(make: Make) -> None:
        make(Function, "pack", function_args()).grant_invoke(Stranger())

    with pytest.raises(WiringError, match=r"^stranger is of .* and has no ServiceAccount behind it"):
        made_alone("gcp", wire)
