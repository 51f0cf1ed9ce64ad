"""A folder of mode 0700 in the system's folder."""

from __future__ import annotations

import pulumi

from components import bucket
from components.bucket import BucketArgs
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.local import _resources as local
from components.local._home import home_of
from functions.environment import Variable


class Bucket(bucket.Bucket):
    CHILDREN = ("bucket",)

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
        home = home_of(foundation)
        home.declare(
            local.Bucket(
                name,
                home=home.folder,
                retain=foundation.config.local.retain_database,
                opts=self._child("bucket", pulumi.ResourceOptions(protect=args.deletion_protection)),
            )
        )
        self.variables = {Variable.BUCKET: name}
        self.register_outputs({})

    def grant_write(self, identity: Identity) -> Grant:
        return Grant(verb=Verb.WRITE, resource=f"bucket/{self.name}")
