"""Where the functions' logs are kept for as long as the stage says: a bucket of their own and a sink into it.

A project's default bucket keeps everything for 30 days, and its setting is the project's, not ours. What goes to our
bucket stays out of that one, so that nothing is kept, or paid for, twice; metrics are counted from it all the same.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.gcp._build import Build
from components.group import Child

CHILDREN = ("log-bucket", "log-sink", "log-exclusion")


def keep_logs(name: str, *, of: str, days: int, build: Build, child: Child) -> None:
    """`of` is what tells the lines to be kept, in the Logging query language.

    The bucket's id is new with each system, because Google keeps it for a week after the bucket was deleted; and it
    stays as it was made, since another id is another bucket.
    """
    project = build.account.project
    bucket = gcp.logging.ProjectBucketConfig(
        name,
        project=project.id,
        location=project.region,
        bucket_id=build.new_name("log_bucket", name),
        description="Logs of an order system's functions",
        retention_days=days,
        opts=child(
            "log-bucket",
            pulumi.ResourceOptions.merge(
                project.ready("logging"),
                pulumi.ResourceOptions(protect=project.is_protected, ignore_changes=["bucketId"]),
            ),
        ),
    )
    sink = gcp.logging.ProjectSink(
        name,
        project=project.id,
        name=project.name("log_bucket", name),
        destination=pulumi.Output.concat("logging.googleapis.com/", bucket.id),
        filter=of,
        # As itself it may write to a bucket of its own project without being let in.
        unique_writer_identity=True,
        opts=child("log-sink", project.ready("logging")),
    )
    gcp.logging.ProjectExclusion(
        name,
        project=project.id,
        name=project.name("log_bucket", name),
        description="Kept in a bucket of their own",
        filter=of,
        # Before the sink is there, a line would be kept nowhere.
        opts=child("log-exclusion", pulumi.ResourceOptions(depends_on=[sink])),
    )
