"""The small languages in which inputs are written: filters, cron, labels, permissions, documents in JSON."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from cronsim import CronSim, CronSimError
from pulumi.runtime.rpc import UNKNOWN

from tests.gcp import metrics, openapi2, pubsub_filter
from tests.gcp.discovery import bare_misfits
from tests.sdk import Problem

Inputs: TypeAlias = Mapping[str, Any]
Check: TypeAlias = Callable[[Inputs], Iterator[Problem]]
LABELS = ("labels", "userLabels")
MOST_LABELS = 64
LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
LONGEST_BACKUP_SECONDS = 8_467_200
MOST_SOURCE_BYTES = 128 * 1024
PERMISSION = re.compile(r"[a-z]+(\.[A-Za-z]+){2}")
RESERVED_VARIABLES = re.compile(r"(K_|X_GOOGLE_|GOOGLE_).*|PORT|FUNCTION_(TARGET|SIGNATURE_TYPE)")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CRON = re.compile(r"\S+( \S+){4}")
CHANNEL_TYPE = "gcp:monitoring/notificationChannel:NotificationChannel"


def misfits(type_token: str, inputs: Inputs) -> Iterator[Problem]:
    if type_token != CHANNEL_TYPE:  # its labels are its settings
        yield from _labels(inputs)
    for check in CHECKS.get(type_token, ()):
        yield from check(inputs)


def _labels(inputs: Inputs) -> Iterator[Problem]:
    for name in LABELS:
        labels = inputs.get(name)
        if not isinstance(labels, Mapping):
            continue
        if len(labels) > MOST_LABELS:
            yield Problem(path=name, what=f"are {len(labels)}; allowed are {MOST_LABELS}")
        for key, value in labels.items():
            if not LABEL_KEY.fullmatch(key):
                yield Problem(path=name, what=f"has the key {key}; a key is up to 63 of a-z, 0-9, _ and -")
            if value != UNKNOWN and not LABEL_VALUE.fullmatch(str(value)):
                yield Problem(path=f"{name}.{key}", what="is no label: up to 63 of a-z, 0-9, _ and -")


def _subscription(inputs: Inputs) -> Iterator[Problem]:
    text = inputs.get("filter", UNKNOWN)
    if text != UNKNOWN and text:
        try:
            pubsub_filter.parsed(text)
        except pubsub_filter.FilterError as error:
            yield Problem(path="filter", what=str(error))
    if inputs.get("expirationPolicy", {}).get("ttl") != "":
        yield Problem(path="expirationPolicy", what='has no ttl "": the subscription is gone after 31 idle days')


def _backup(inputs: Inputs) -> Iterator[Problem]:
    kept = float(str(inputs.get("retention", "0s")).removesuffix("s"))
    if kept > LONGEST_BACKUP_SECONDS:
        yield Problem(path="retention", what=f"is {kept:g} s; allowed are 14 weeks, {LONGEST_BACKUP_SECONDS} s")


def _job(inputs: Inputs) -> Iterator[Problem]:
    text = str(inputs.get("schedule", ""))
    try:
        if not CRON.fullmatch(text):
            raise CronSimError
        CronSim(text, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError:
        yield Problem(path="schedule", what="is no cron expression of five fields")


def _workflow(inputs: Inputs) -> Iterator[Problem]:
    source = inputs.get("sourceContents", UNKNOWN)
    if source != UNKNOWN and len(str(source).encode()) > MOST_SOURCE_BYTES:
        yield Problem(path="sourceContents", what=f"has over {MOST_SOURCE_BYTES} bytes")


def _role(inputs: Inputs) -> Iterator[Problem]:
    for index, permission in enumerate(inputs.get("permissions", ())):
        if not PERMISSION.fullmatch(permission):
            yield Problem(path=f"permissions[{index}]", what="is no permission, as in datastore.entities.create")


def _variables(inputs: Inputs) -> Iterator[Problem]:
    service = inputs.get("serviceConfig", {})
    plain = service.get("environmentVariables", {})
    secret = [each.get("key", "") for each in service.get("secretEnvironmentVariables", ())]
    for name in (*plain, *secret):
        if not VARIABLE.fullmatch(name) or RESERVED_VARIABLES.fullmatch(name):
            yield Problem(path=f"serviceConfig.environmentVariables.{name}", what="is Cloud Run's own, or no name")
    for name in {*plain} & {*secret}:
        yield Problem(path=f"serviceConfig.secretEnvironmentVariables.{name}", what="is a plain variable too")


def _policy(inputs: Inputs) -> Iterator[Problem]:
    for index, condition in enumerate(inputs.get("conditions", ())):
        threshold = condition.get("conditionThreshold", {})
        path = f"conditions[{index}].conditionThreshold"
        yield from _measured(threshold, "filter", "aggregations", path)
        yield from _measured(threshold, "denominatorFilter", "denominatorAggregations", path)


def _measured(threshold: Inputs, name: str, aggregated: str, path: str) -> Iterator[Problem]:
    text = threshold.get(name, UNKNOWN)
    if text == UNKNOWN:
        return
    found = list(metrics.misfits(text))
    yield from (Problem(path=f"{path}.{name}", what=what) for what in found)
    for index, aggregation in enumerate(threshold.get(aggregated, ()) if not found else ()):
        at = f"{path}.{aggregated}[{index}]"
        aligned = metrics.aligner_misfits(text, aggregation.get("perSeriesAligner", "")) if index == 0 else ()
        yield from (Problem(path=f"{at}.perSeriesAligner", what=what) for what in aligned)
        for field in aggregation.get("groupByFields", ()):
            wrong = metrics.label_misfits(field, metrics.read(text))
            yield from (Problem(path=f"{at}.groupByFields", what=what) for what in wrong)


def _log_metric(inputs: Inputs) -> Iterator[Problem]:
    descriptor = inputs.get("metricDescriptor", {})
    labels = {label.get("key") for label in descriptor.get("labels", ())}
    if labels != set(inputs.get("labelExtractors", {})):
        yield Problem(path="labelExtractors", what="are not of exactly the labels of metricDescriptor")
    if "valueExtractor" not in inputs and (descriptor.get("metricKind"), descriptor.get("valueType")) != (
        "DELTA",
        "INT64",
    ):
        yield Problem(path="metricDescriptor", what="is not DELTA and INT64, as what counts lines has to be")


def _dashboard(inputs: Inputs) -> Iterator[Problem]:
    text = inputs.get("dashboardJson", UNKNOWN)
    if text == UNKNOWN:
        return
    document = json.loads(text)
    if json.dumps(document, sort_keys=True, separators=(",", ":")) != text:
        yield Problem(path="dashboardJson", what="is not compact JSON with sorted keys: there would always be a diff")
    for problem in bare_misfits("monitoring.v1", "Dashboard", document):
        yield Problem(path=f"dashboardJson.{problem.path}", what=problem.what)


def _api_config(inputs: Inputs) -> Iterator[Problem]:
    for index, each in enumerate(inputs.get("openapiDocuments", ())):
        path, contents = f"openapiDocuments[{index}].document.contents", each["document"]["contents"]
        if contents == UNKNOWN:
            continue
        try:
            document = json.loads(base64.b64decode(contents, validate=True))
        except (binascii.Error, ValueError):
            yield Problem(path=path, what="is not JSON in base64")
            continue
        yield from (Problem(path=path, what=what) for what in openapi2.misfits(document))


CHECKS: Mapping[str, tuple[Check, ...]] = {
    "gcp:firestore/backupSchedule:BackupSchedule": (_backup,),
    "gcp:pubsub/subscription:Subscription": (_subscription,),
    "gcp:cloudscheduler/job:Job": (_job,),
    "gcp:workflows/workflow:Workflow": (_workflow,),
    "gcp:projects/iAMCustomRole:IAMCustomRole": (_role,),
    "gcp:cloudfunctionsv2/function:Function": (_variables,),
    "gcp:monitoring/alertPolicy:AlertPolicy": (_policy,),
    "gcp:logging/metric:Metric": (_log_metric,),
    "gcp:monitoring/dashboard:Dashboard": (_dashboard,),
    "gcp:apigateway/apiConfig:ApiConfig": (_api_config,),
}
