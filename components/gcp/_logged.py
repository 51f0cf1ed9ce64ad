"""Metrics that are counted from logs, for what no service of Google's measures."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_gcp as gcp

from components.gcp._alarms import Metric
from components.gcp._project import Project

USER = "logging.googleapis.com/user"


def log_metric(
    name: str, *, project: Project, says: str, where: str, opts: pulumi.ResourceOptions
) -> gcp.logging.Metric:
    """Counts the lines that `where`, in the Logging query language, is true of."""
    return gcp.logging.Metric(
        name,
        project=project.id,
        name=project.name("log_metric", name),
        description=says,
        filter=where,
        metric_descriptor=gcp.logging.MetricMetricDescriptorArgs(metric_kind="DELTA", value_type="INT64", unit="1"),
        opts=pulumi.ResourceOptions.merge(project.ready("logging"), opts),
    )


def counted(
    name: str, *, project: Project, resource: str, labels: Mapping[str, pulumi.Input[str] | tuple[str, ...]]
) -> Metric:
    """What `log_metric` counts under this name, of some resources of the type that wrote the lines."""
    return Metric(type=f"{USER}/{project.name('log_metric', name)}", resource=resource, labels=labels)


def one_of(values: tuple[str, ...]) -> str:
    """As a query compares a field with several texts."""
    quoted = [f'"{value}"' for value in values]
    return quoted[0] if len(quoted) == 1 else f"({' OR '.join(quoted)})"
