"""How functions are built: one source archive named by its hash, an account that may build and nothing else, and a
repository of images that clears up after itself.

Google's own defaults are the Compute account, which in a new organisation may not build, and a repository that keeps
every image for ever. What Cloud Functions makes besides, the buckets `gcf-v2-*`, is Google's and stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from components.gcp._account import Condition, ServiceAccount, service_account
from components.gcp._package import package
from components.gcp._project import Project
from components.group import Child

CHILDREN = ("build-account", "build-grant", "repository", "source-bucket", "source")
PULL_AND_PUSH = "roles/artifactregistry.writer"
READ_OBJECTS = "roles/storage.objectViewer"
WRITE_LOGS = "roles/logging.logWriter"
KEPT_IMAGES = 5
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Build:
    account: ServiceAccount
    repository: gcp.artifactregistry.Repository
    source: gcp.storage.BucketObject
    granted: tuple[pulumi.Resource, ...]
    """What has to exist before the account builds."""

    def new_name(self, kind: str, component: str) -> pulumi.Output[str]:
        """For what Google keeps the name of when it is deleted: the account's number in it is new with each system."""
        return pulumi.Output.concat(self.account.project.name(kind, component), "_", self.account.account.unique_id)


def make_build(name: str, *, project: Project, child: Child) -> Build:
    """`name` is the foundation's."""
    account = service_account(
        f"{name}-build", project=project, says=f"{name}: builds functions", opts=child("build-account")
    )
    repository = _repository(name, project, child)
    bucket = _bucket(name, project, child)
    return Build(
        account=account,
        repository=repository,
        source=_source(bucket, child),
        granted=(
            account.allow(f"{name}-build-logs", role=WRITE_LOGS, opts=child("build-grant")),
            account.allow(
                f"{name}-build-uploads", role=READ_OBJECTS, where=_uploads(project), opts=child("build-grant")
            ),
            _may_read(account, bucket, child),
            _may_push(account, repository, child),
        ),
    )


def _repository(name: str, project: Project, child: Child) -> gcp.artifactregistry.Repository:
    return gcp.artifactregistry.Repository(
        name,
        project=project.id,
        location=project.region,
        repository_id=project.name("repository", name),
        format="DOCKER",
        description="Images of the order system's functions.",
        cleanup_policies=[
            gcp.artifactregistry.RepositoryCleanupPolicyArgs(
                id="keep-the-newest",
                action="KEEP",
                most_recent_versions=gcp.artifactregistry.RepositoryCleanupPolicyMostRecentVersionsArgs(
                    keep_count=KEPT_IMAGES
                ),
            ),
            gcp.artifactregistry.RepositoryCleanupPolicyArgs(
                id="delete-the-old",
                action="DELETE",
                condition=gcp.artifactregistry.RepositoryCleanupPolicyConditionArgs(
                    tag_state="ANY", older_than=f"{int(KEPT_FOR.total_seconds())}s"
                ),
            ),
        ],
        cleanup_policy_dry_run=False,
        deletion_policy="DELETE",
        opts=child("repository", project.ready("artifactregistry")),
    )


def _bucket(name: str, project: Project, child: Child) -> gcp.storage.Bucket:
    """With the project in its name: the names of all projects' buckets are one name space."""
    return gcp.storage.Bucket(
        f"{name}-source",
        project=project.id,
        name=project.name("bucket", f"{name}-source-{project.id}"),
        location=project.region.upper(),
        uniform_bucket_level_access=True,
        public_access_prevention="enforced",
        # What is in it can be built again, so nothing is kept, or paid for, once it is deleted.
        force_destroy=True,
        soft_delete_policy=gcp.storage.BucketSoftDeletePolicyArgs(retention_duration_seconds=0),
        deletion_policy="DELETE",
        opts=child("source-bucket", project.ready("storage")),
    )


def _source(bucket: gcp.storage.Bucket, child: Child) -> gcp.storage.BucketObject:
    """Named by its hash: a function is built anew only when the name of its source has changed."""
    archive = package()
    return gcp.storage.BucketObject(
        "functions",
        bucket=bucket.name,
        name=f"functions/{archive.name}",
        source=pulumi.FileAsset(str(archive)),
        content_type="application/zip",
        opts=child("source"),
    )


def _uploads(project: Project) -> Condition:
    """Cloud Functions copies the source to a bucket of its own, which does not exist before the first function."""
    bucket = pulumi.Output.concat("projects/_/buckets/gcf-v2-sources-", project.number, f"-{project.region}")
    return Condition(
        title="sources-of-functions",
        expression=pulumi.Output.format('resource.name == "{0}" || resource.name.startsWith("{0}/")', bucket),
    )


def _may_read(account: ServiceAccount, bucket: gcp.storage.Bucket, child: Child) -> pulumi.Resource:
    return gcp.storage.BucketIAMMember(
        f"{account.name}-source",
        bucket=bucket.name,
        role=READ_OBJECTS,
        member=account.member,
        opts=child("build-grant"),
    )


def _may_push(account: ServiceAccount, repository: gcp.artifactregistry.Repository, child: Child) -> pulumi.Resource:
    return gcp.artifactregistry.RepositoryIamMember(
        f"{account.name}-images",
        project=repository.project,
        location=repository.location,
        repository=repository.repository_id,
        role=PULL_AND_PUSH,
        member=account.member,
        opts=child("build-grant"),
    )
