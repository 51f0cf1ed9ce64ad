"""Keeps objects by key, each written whole or not at all; not public, encrypted at rest.

| | is | old versions | protection |
|---|---|---|---|
| aws | S3, TLS only, no public access | kept | not emptied on delete |
| gcp | Cloud Storage, uniform access | kept | not emptied on delete |
| azure | blob container, no keys | kept | not deleted |
| local | a folder of mode 0700 | none | Pulumi's protection |
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from components.component import Component
from components.identity import Grant, Identity
from components.link import Link, Variables


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    deletion_protection: bool


class Bucket(Component[BucketArgs]):
    variables: Variables

    def writer(self) -> Link:
        return Link(grant=self.grant_write, variables=self.variables)

    @abstractmethod
    def grant_write(self, identity: Identity) -> Grant: ...
