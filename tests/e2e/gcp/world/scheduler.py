"""Cloud Scheduler: a job's call as it was declared, made when a test asks for it. Its clock and its retries are not."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from tests.e2e.gcp.world.cloud_run import CloudRun
from tests.e2e.world.http import Asked, Reply
from tests.e2e.world.records import Record


def run(job: Record, cloud_run: CloudRun) -> Reply:
    target, now = job["httpTarget"], datetime.now(UTC)
    headers = {
        **target.get("headers", {}),
        "User-Agent": "Google-Cloud-Scheduler",
        "X-CloudScheduler": "true",
        "X-CloudScheduler-JobName": job["name"],
        "X-CloudScheduler-ScheduleTime": now.isoformat(),
    }
    asked = Asked(
        method=target["httpMethod"],
        headers=tuple(headers.items()),
        body=base64.b64decode(target.get("body", "")),
    )
    token = target["oidcToken"]
    return cloud_run.call(target["uri"], asked, account=token["serviceAccountEmail"], audience=token["audience"])
