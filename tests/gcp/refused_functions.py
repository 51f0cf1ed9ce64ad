"""Functions that Cloud Run does not run as they are meant, or whose callers give up before them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.gcp.landscape import Landscape, documents
from tests.graph import Resource

SMALLEST_CPU = {2: 512, 4: 2048, 6: 4096, 8: 4096}
"""By CPUs, the MiB of memory that there have to be at least (cloud.google.com/run/docs/configuring/services/cpu)."""
DEFAULT_TIMEOUT = 60
EVENTARC_WAITS = 10
"""Seconds; Pub/Sub's default, which cannot be set (github.com/hashicorp/terraform-provider-google/issues/17701)."""
DIGEST = re.compile(r"[0-9a-f]{16,}")


def concurrency_without_a_whole_cpu(land: Landscape) -> Iterator[str]:
    """Refused while it is deployed; left out, the CPU of the smallest memory is a part of one."""
    for function in land.of("cloudfunctionsv2.Function"):
        service = function.inputs["serviceConfig"]
        if service.get("maxInstanceRequestConcurrency", 1) > 1 and float(service.get("availableCpu", 0)) < 1:
            yield f"{function.name} answers several requests at once with less than a whole CPU"


def cpu_without_its_memory(land: Landscape) -> Iterator[str]:
    for function in land.of("cloudfunctionsv2.Function"):
        service = function.inputs["serviceConfig"]
        cpus, memory = float(service.get("availableCpu", 0)), _mib(service.get("availableMemory", "256Mi"))
        if memory > 4096 and 0 < cpus < 2:
            yield f"{function.name} has {memory} MiB, which need 2 CPUs; it has {cpus:g}"
        if memory < SMALLEST_CPU.get(int(cpus), 0):
            yield f"{function.name} has {cpus:g} CPUs, which need {SMALLEST_CPU[int(cpus)]} MiB; it has {memory}"


def source_whose_change_is_not_seen(land: Landscape) -> Iterator[str]:
    """The provider compares names, never what an object holds."""
    for function in land.of("cloudfunctionsv2.Function"):
        source = function.inputs["buildConfig"]["source"]["storageSource"]
        if not DIGEST.search(str(source.get("object"))) and "generation" not in source:
            yield f"{function.name} is built from {source.get('object')}, whose name does not change with its content"


def call_longer_than_the_ack_deadline(land: Landscape) -> Iterator[str]:
    """The message comes again while it is still being worked on."""
    for subscription in land.of("pubsub.Subscription"):
        function = land.function_at(subscription.inputs.get("pushConfig", {}).get("pushEndpoint"))
        deadline = subscription.inputs.get("ackDeadlineSeconds", 10)
        if function and _timeout(function) > deadline:
            yield f"{subscription.name} waits {deadline} s; {function.name} may take {_timeout(function)} s"


def call_longer_than_the_schedule_waits(land: Landscape) -> Iterator[str]:
    for job in land.of("cloudscheduler.Job"):
        function = land.function_at(job.inputs.get("httpTarget", {}).get("uri"))
        waits = float(str(job.inputs.get("attemptDeadline", "180s")).removesuffix("s"))
        if function and _timeout(function) > waits:
            yield f"{job.name} waits {waits:g} s; {function.name} may take {_timeout(function)} s"
        if not 15 <= waits <= 1800:
            yield f"{job.name} waits {waits:g} s; allowed are 15 s to 30 minutes"


def call_longer_than_the_gateway_waits(land: Landscape) -> Iterator[str]:
    """By default 15 s."""
    for config in land.of("apigateway.ApiConfig"):
        for document in documents(config):
            backend = document.get("x-google-backend", {})
            function, waits = land.function_at(backend.get("address")), backend.get("deadline", 15)
            if function and _timeout(function) > waits:
                yield f"{config.name} waits {waits} s; {function.name} may take {_timeout(function)} s"


def call_longer_than_eventarc_waits(land: Landscape) -> Iterator[str]:
    """The event comes again while it is still being worked on, without the CPU to end that."""
    for trigger in land.of("eventarc.Trigger"):
        service = trigger.inputs["destination"].get("cloudRunService", {}).get("service")
        function = land.named("cloudfunctionsv2.Function", service)
        if function and _timeout(function) > EVENTARC_WAITS:
            yield f"{trigger.name} waits {EVENTARC_WAITS} s; {function.name} may take {_timeout(function)} s"


def front_that_is_shut_out(land: Landscape) -> Iterator[str]:
    """API Gateway calls from outside; a load balancer only counts as inside where it is asked for."""
    for function, allowed in _fronted(land):
        ingress = function.inputs["serviceConfig"].get("ingressSettings", "ALLOW_ALL")
        if ingress not in allowed:
            yield f"{function.name} takes {ingress}; whoever stands before it needs {' or '.join(allowed)}"


def open_without_a_front(land: Landscape) -> Iterator[str]:
    """What Google's own services call needs no way in from outside."""
    fronted = {function.urn for function, _ in _fronted(land)}
    opened = {grant.on for grant in land.grants if grant.member == "allUsers"}
    for function in land.of("cloudfunctionsv2.Function"):
        ingress = function.inputs["serviceConfig"].get("ingressSettings", "ALLOW_ALL")
        if ingress == "ALLOW_ALL" and function.urn not in fronted and function.inputs["name"] not in opened:
            yield f"{function.name} can be reached from outside, and nothing stands before it"


def _fronted(land: Landscape) -> Iterator[tuple[Resource, tuple[str, ...]]]:
    for config in land.of("apigateway.ApiConfig"):
        for document in documents(config):
            function = land.function_at(document.get("x-google-backend", {}).get("address"))
            if function:
                yield function, ("ALLOW_ALL",)
    for group in land.of("compute.RegionNetworkEndpointGroup"):
        function = land.named("cloudfunctionsv2.Function", group.inputs.get("cloudRun", {}).get("service"))
        if function:
            yield function, ("ALLOW_INTERNAL_AND_GCLB", "ALLOW_ALL")


def _timeout(function: Resource) -> int:
    return int(function.inputs["serviceConfig"].get("timeoutSeconds", DEFAULT_TIMEOUT))


def _mib(memory: str) -> int:
    number = int(re.sub(r"\D", "", memory))
    return number * 1024 if memory.startswith(str(number)) and memory.rstrip("Bi").endswith("G") else number


RULES = (
    concurrency_without_a_whole_cpu,
    cpu_without_its_memory,
    source_whose_change_is_not_seen,
    call_longer_than_the_ack_deadline,
    call_longer_than_the_schedule_waits,
    call_longer_than_the_gateway_waits,
    call_longer_than_eventarc_waits,
    front_that_is_shut_out,
    open_without_a_front,
)
