"""An S3 bucket: nobody's but the account's, over TLS only, and what is overwritten in it is kept for a month.

Nothing is moved to a cheaper class: an event is under a kilobyte, S3 moves only what has 128, and bills every move.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components import bucket
from components.aws._account import Account
from components.aws._policy import document, tls_only
from components.aws._role import Role
from components.behind import behind
from components.bucket import BucketArgs
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from functions.environment import Variable

OLD_VERSION_DAYS = 30
UNFINISHED_UPLOAD_DAYS = 7
WRITE = ("s3:PutObject",)


class Bucket(bucket.Bucket):
    CHILDREN = ("bucket", "ownership", "public-access", "policy", "encryption", "versioning", "lifecycle")

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
        self._account = behind(foundation, Account)
        self._bucket = self._make_bucket(args)
        self._own_it()
        self._close_it()
        self._encrypt()
        self._keep_versions()
        self.variables = {Variable.BUCKET: self._bucket.bucket}
        self.register_outputs({})

    def grant_write(self, identity: Identity) -> Grant:
        objects = pulumi.Output.concat(self._bucket.arn, "/*")
        carried_by = behind(identity, Role).allow(*WRITE, on=(objects,))
        return Grant(verb=Verb.WRITE, resource=f"bucket/{self.name}", carried_by=carried_by)

    def _make_bucket(self, args: BucketArgs) -> aws.s3.Bucket:
        return aws.s3.Bucket(
            self.name,
            bucket=self._physical_name(),
            force_destroy=not args.deletion_protection,
            opts=self._child("bucket", pulumi.ResourceOptions(protect=args.deletion_protection)),
        )

    def _physical_name(self) -> pulumi.Output[str]:
        """With the account in its digest: the names of all accounts' buckets are one name space."""
        return self._account.id.apply(lambda number: self._account.name("bucket", f"{self.name}-{number}"))

    def _own_it(self) -> None:
        """Without access control lists, which policies know nothing of."""
        aws.s3.BucketOwnershipControls(
            self.name,
            bucket=self._bucket.id,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self._child("ownership"),
        )

    def _close_it(self) -> None:
        closed = aws.s3.BucketPublicAccessBlock(
            self.name,
            bucket=self._bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child("public-access"),
        )
        aws.s3.BucketPolicy(
            self.name,
            bucket=self._bucket.id,
            policy=document(tls_only("s3:*", on=(self._bucket.arn, pulumi.Output.concat(self._bucket.arn, "/*")))),
            # S3 refuses to change the two of one bucket at a time.
            opts=self._child("policy", pulumi.ResourceOptions(depends_on=[closed])),
        )

    def _encrypt(self) -> None:
        by_s3 = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="AES256"
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            self.name,
            bucket=self._bucket.id,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(apply_server_side_encryption_by_default=by_s3)
            ],
            opts=self._child("encryption"),
        )

    def _keep_versions(self) -> None:
        versioning = aws.s3.BucketVersioning(
            self.name,
            bucket=self._bucket.id,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self._child("versioning"),
        )
        aws.s3.BucketLifecycleConfiguration(
            self.name,
            bucket=self._bucket.id,
            rules=[_cleared_up()],
            # Rules for old versions need versions.
            opts=self._child("lifecycle", pulumi.ResourceOptions(depends_on=[versioning])),
        )


def _cleared_up() -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="what-nobody-reads-any-more",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=OLD_VERSION_DAYS
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=UNFINISHED_UPLOAD_DAYS
        ),
    )
