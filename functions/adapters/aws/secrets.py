"""Secrets from Secrets Manager, kept for a while: a rotated secret is noticed without a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from functions.adapters.aws.clients import AwsClient, transient_faults

KEEP_SECONDS = 300


@dataclass(frozen=True)
class _Kept:
    value: str
    until: float


@dataclass(frozen=True)
class ManagedSecrets:
    """A functions.ports.SecretStore; a secret's name is its ARN. A value is at most KEEP_SECONDS old, by `seconds`."""

    client: AwsClient
    seconds: Callable[[], float] = time.monotonic
    _kept: dict[str, _Kept] = field(default_factory=dict, init=False, repr=False, compare=False)

    def get(self, name: str, *, fresh: bool = False) -> str:
        kept = self._kept.get(name)
        if fresh or kept is None or self.seconds() >= kept.until:
            kept = self._kept[name] = self._read(name)
        return kept.value

    def _read(self, name: str) -> _Kept:
        with transient_faults(of="Secrets Manager"):
            answer = self.client.get_secret_value(SecretId=name)
        return _Kept(answer["SecretString"], self.seconds() + KEEP_SECONDS)
