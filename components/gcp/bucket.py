"""A bucket of Cloud Storage in the region: nobody's but the project's, and what is overwritten in it is kept a month.

Whoever writes may create objects and nothing else: Google asks for the right to delete of whoever overwrites one.
Nothing is moved to a cheaper class: an event is under a kilobyte, and those bill every object's move and early end.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components import bucket
from components.behind import behind
from components.bucket import BucketArgs
from components.foundation import Foundation
from components.gcp._account import ServiceAccount
from components.gcp._project import Project
from components.group import Transform
from components.identity import Grant, Identity, Verb
from functions.environment import Variable

OLD_VERSION_DAYS = 30
UNFINISHED_UPLOAD_DAYS = 7
CREATE = "roles/storage.objectCreator"


class Bucket(bucket.Bucket):
    CHILDREN = ("bucket", "writer")

    def __init__(
        self,
        name: str,
        *,
        args: BucketArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._project = behind(foundation, Project)
        self._bucket = self._make_bucket(args)
        self.variables = {Variable.BUCKET: self._bucket.name}
        self.register_outputs({})

    def grant_write(self, identity: Identity) -> Grant:
        account = behind(identity, ServiceAccount)
        return account.grant(Verb.WRITE, f"bucket/{self.name}", lambda: (self._let_write(account),))

    def _let_write(self, account: ServiceAccount) -> pulumi.Resource:
        return gcp.storage.BucketIAMMember(
            f"{self.name}-{account.name}",
            bucket=self._bucket.name,
            role=CREATE,
            member=account.member,
            opts=self._child("writer"),
        )

    def _make_bucket(self, args: BucketArgs) -> gcp.storage.Bucket:
        """With the project in its name: the names of all projects' buckets are one name space."""
        return gcp.storage.Bucket(
            self.name,
            project=self._project.id,
            name=self._project.name("bucket", f"{self.name}-{self._project.id}"),
            # The API answers in capitals, and what it answers is compared with what was asked for.
            location=self._project.region.upper(),
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=gcp.storage.BucketVersioningArgs(enabled=True),
            lifecycle_rules=[
                _rule(
                    "Delete",
                    gcp.storage.BucketLifecycleRuleConditionArgs(
                        days_since_noncurrent_time=OLD_VERSION_DAYS, with_state="ARCHIVED"
                    ),
                ),
                _rule(
                    "AbortIncompleteMultipartUpload",
                    gcp.storage.BucketLifecycleRuleConditionArgs(age=UNFINISHED_UPLOAD_DAYS),
                ),
            ],
            force_destroy=not args.deletion_protection,
            deletion_policy="PREVENT" if args.deletion_protection else "DELETE",
            opts=self._child(
                "bucket",
                pulumi.ResourceOptions.merge(
                    self._project.ready("storage"), pulumi.ResourceOptions(protect=args.deletion_protection)
                ),
            ),
        )


def _rule(action: str, condition: gcp.storage.BucketLifecycleRuleConditionArgs) -> gcp.storage.BucketLifecycleRuleArgs:
    return gcp.storage.BucketLifecycleRuleArgs(
        action=gcp.storage.BucketLifecycleRuleActionArgs(type=action), condition=condition
    )
