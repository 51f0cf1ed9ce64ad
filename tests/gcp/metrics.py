"""What Cloud Monitoring knows: the labels of each monitored resource, which metrics it has, and the filters on them.

cloud.google.com/monitoring/api/resources and cloud.google.com/monitoring/api/metrics_gcp, of what our alarms read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

LABELS: Mapping[str, frozenset[str]] = {
    "cloud_run_revision": frozenset({"project_id", "location", "service_name", "revision_name", "configuration_name"}),
    "pubsub_subscription": frozenset({"project_id", "subscription_id"}),
    "pubsub_topic": frozenset({"project_id", "topic_id"}),
    "workflows.googleapis.com/Workflow": frozenset({"resource_container", "location", "workflow_id"}),
    "cloud_scheduler_job": frozenset({"project_id", "location", "job_id"}),
    "apigateway.googleapis.com/Gateway": frozenset({"resource_container", "location", "gateway_id"}),
    "https_lb_rule": frozenset(
        {"project_id", "forwarding_rule_name", "url_map_name", "target_proxy_name", "backend_target_name", "region"}
    ),
    "firestore.googleapis.com/Database": frozenset({"resource_container", "location", "database_id"}),
}
"""By the type of a monitored resource."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A metric: what is measured, its own labels, and whether it is a count (DELTA), a level (GAUGE) or a spread."""

    resources: frozenset[str]
    kind: str
    labels: frozenset[str] = frozenset()
    is_distribution: bool = False


def _of(resource: str, kind: str, *labels: str, is_distribution: bool = False) -> Kind:
    return Kind(resources=frozenset({resource}), kind=kind, labels=frozenset(labels), is_distribution=is_distribution)


_RUN = ("cloud_run_revision", "DELTA", "response_code", "response_code_class")
METRICS: Mapping[str, Kind] = {
    "run.googleapis.com/request_count": _of(*_RUN),
    "run.googleapis.com/request_latencies": _of(*_RUN, is_distribution=True),
    "pubsub.googleapis.com/subscription/num_undelivered_messages": _of("pubsub_subscription", "GAUGE"),
    "pubsub.googleapis.com/subscription/oldest_unacked_message_age": _of("pubsub_subscription", "GAUGE"),
    "pubsub.googleapis.com/subscription/dead_letter_message_count": _of("pubsub_subscription", "DELTA"),
    "pubsub.googleapis.com/subscription/push_request_count": _of(
        "pubsub_subscription", "DELTA", "response_class", "response_code", "delivery_type"
    ),
    "workflows.googleapis.com/finished_execution_count": _of(
        "workflows.googleapis.com/Workflow", "DELTA", "revision_id", "status"
    ),
    "workflows.googleapis.com/started_execution_count": _of(
        "workflows.googleapis.com/Workflow", "DELTA", "revision_id"
    ),
    "workflows.googleapis.com/sent_bytes_count": _of("workflows.googleapis.com/Workflow", "DELTA"),
    "apigateway.googleapis.com/proxy/request_count": _of(
        "apigateway.googleapis.com/Gateway", "DELTA", "api_config", "response_code", "response_code_class"
    ),
    "loadbalancing.googleapis.com/https/request_count": _of(
        "https_lb_rule", "DELTA", "response_code", "response_code_class", "protocol"
    ),
    "loadbalancing.googleapis.com/https/total_latencies": _of(
        "https_lb_rule", "DELTA", "response_code", "response_code_class", "protocol", is_distribution=True
    ),
}
ALIGNERS: Mapping[str, frozenset[str]] = {
    "DELTA": frozenset({"ALIGN_DELTA", "ALIGN_RATE", "ALIGN_SUM"}),
    "GAUGE": frozenset({"ALIGN_MAX", "ALIGN_MIN", "ALIGN_MEAN", "ALIGN_SUM", "ALIGN_NEXT_OLDER", "ALIGN_COUNT"}),
}
"""Of a number, by the metric's kind."""
SPREAD_ALIGNERS = frozenset(
    {"ALIGN_DELTA", "ALIGN_SUM", *(f"ALIGN_PERCENTILE_{part}" for part in ("99", "95", "50", "05"))}
)
BALANCED, NUMBERS = "https_lb_rule", ("response_code", "response_code_class")
"""A load balancer's codes are numbers, as 500; Cloud Run's and API Gateway's are texts, as 5xx."""
USER = "logging.googleapis.com/user/"
TERM = re.compile(
    r'(?P<left>metric\.type|resource\.type|(?:metric|resource)\.labels?\.(?:"?[a-z_]+"?))\s*(?P<sign>=|!=)\s*'
    r'(?P<right>\d+|"[^"]*"|one_of\((?:"[^"]*"(?:,\s*)?)+\)|starts_with\("[^"]*"\)|monitoring\.regex\.full_match\("[^"]*"\))'
)


@dataclass(frozen=True, kw_only=True)
class Filtered:
    metric: str
    resource: str
    values: Mapping[str, tuple[str | int, ...]]
    """By `metric.labels.x` or `resource.labels.x`."""


def read(text: str) -> Filtered:
    """Of `a AND b AND c`. ValueError for anything else, and for a filter that names not both types."""
    values: dict[str, tuple[str | int, ...]] = {}
    for part in re.split(r"\s+AND\s+", text.strip()):
        term = TERM.fullmatch(part.strip())
        if not term:
            raise ValueError(f"has {part}, which is no comparison")
        left = term["left"].replace(".label.", ".labels.").replace('"', "")
        values[left] = tuple(re.findall(r'"([^"]*)"', term["right"])) or (int(term["right"]),)
    for name in ("metric.type", "resource.type"):
        if len(values.get(name, ())) != 1:
            raise ValueError(f"does not name {name}")
    metric, resource = (str(values.pop(name)[0]) for name in ("metric.type", "resource.type"))
    return Filtered(metric=metric, resource=resource, values=values)


def misfits(text: str) -> Iterator[str]:
    """Why Monitoring would refuse a filter, or find nothing by it."""
    try:
        filtered = read(text)
    except ValueError as error:
        yield str(error)
        return
    if filtered.resource not in LABELS:
        yield f"names the resource {filtered.resource}, which the tests do not know (tests/gcp/metrics.py)"
        return
    kind = METRICS.get(filtered.metric)
    if kind is None and not filtered.metric.startswith(USER):
        yield f"names the metric {filtered.metric}, which the tests do not know (tests/gcp/metrics.py)"
    elif kind and filtered.resource not in kind.resources:
        yield f"{filtered.metric} is measured of {', '.join(kind.resources)}, not of {filtered.resource}"
    for label, values in filtered.values.items():
        yield from label_misfits(label, filtered)
        is_number = filtered.resource == BALANCED and label.rpartition(".")[2] in NUMBERS
        if any(isinstance(value, int) is not is_number for value in values):
            yield f"{label} of {filtered.metric} is {'a number' if is_number else 'a text'}"


def label_misfits(label: str, filtered: Filtered) -> Iterator[str]:
    """Of `resource.labels.x` or `metric.labels.x`, also as a field to group by."""
    owner, _, name = label.replace(".label.", ".labels.").partition(".labels.")
    if owner == "resource" and name not in LABELS[filtered.resource]:
        yield f"{filtered.resource} has no label {name}; it has {', '.join(sorted(LABELS[filtered.resource]))}"
    kind = METRICS.get(filtered.metric)
    if owner == "metric" and kind and name not in kind.labels:
        yield f"{filtered.metric} has no label {name}; it has {', '.join(sorted(kind.labels)) or 'none'}"


def aligner_misfits(text: str, aligner: str) -> Iterator[str]:
    kind = METRICS.get(read(text).metric, Kind(resources=frozenset(), kind="DELTA"))
    allowed: Sequence[str] = sorted(SPREAD_ALIGNERS if kind.is_distribution else ALIGNERS[kind.kind])
    if aligner not in allowed:
        yield f"{aligner} does not fit {read(text).metric}; there is {', '.join(allowed)}"
