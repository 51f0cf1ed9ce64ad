"""Where each thing of a local system is: the one place that knows the layout of its home folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folder of one local system; nobody but its owner may look into it (0700)."""

    root: Path

    @property
    def database(self) -> Path:
        """Everything durable, whatever the database is called: queues and orders are committed together."""
        return self.root / "orders.sqlite"

    @property
    def declarations(self) -> Path:
        """`<kind>/<name>.json`, one file for each declared resource."""
        return self.root / "declarations"

    @property
    def followed(self) -> Path:
        """Which of the declarations count, as a JSON list of `<kind>/<name>`; without this file all do.

        Those that were just taken out of the program are removed only after the run time has started without them.
        """
        return self.root / "followed.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def buckets(self) -> Path:
        return self.root / "buckets"

    @property
    def issuer(self) -> Path:
        return self.root / "issuer"

    @property
    def run_time(self) -> Path:
        """Written once the run time answers, removed when it stops cleanly."""
        return self.root / "run-time.json"

    @property
    def lock(self) -> Path:
        """Locked while a run time lives, however it dies."""
        return self.root / "run-time.lock"
