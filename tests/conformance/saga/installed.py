"""Where `make engines` puts what the suite runs sagas on."""

from __future__ import annotations

from pathlib import Path

ENGINES = Path(__file__).parents[3] / ".engines"


def require(path: Path) -> None:
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run `make engines`")
