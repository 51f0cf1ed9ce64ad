"""The one kind of resource: a zip on this machine, and the app that is to run it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from azure_publisher.errors import PublishError

PROJECT = Path(__file__).resolve().parents[1]
Text = Annotated[str, Meta(min_length=1)]
Address = Annotated[str, Meta(pattern=r"^(https://[^/?#@\s]+|http://127\.0\.0\.1:\d+)$")]
"""A token is sent there: encrypted, or to this machine."""


class Package(msgspec.Struct, frozen=True, kw_only=True):
    app: Text
    address: Address
    package: Text
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    tenant: Text

    def content(self) -> bytes:
        """The zip that `digest` was taken of, and no other."""
        path = PROJECT / self.package
        try:
            content = path.read_bytes()
        except OSError as error:
            raise PublishError(f"{path} cannot be read ({error.strerror}): run `pulumi up` again") from None
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise PublishError(f"{path} was changed since `pulumi up` began: run it again")
        return content
