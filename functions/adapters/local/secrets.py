"""Secrets of the local system, read once and kept in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from local_runtime.client import Client


@dataclass(frozen=True)
class LocalSecrets:
    """A functions.ports.SecretStore."""

    client: Client
    _known: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def get(self, name: str, *, fresh: bool = False) -> str:
        if fresh or name not in self._known:
            self._known[name] = self.client.secret(name)
        return self._known[name]
