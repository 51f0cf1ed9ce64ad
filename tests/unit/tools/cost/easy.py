"""Stack files and prices for the tests of what an order costs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.cost.lines import Prices
from benchmarks.cost.stackfile import StackFile

COST = Path(__file__).parents[4] / "benchmarks" / "cost"


def stack_file(target: str, *blocks: str, name: str = "dev") -> StackFile:
    lines = ["config:", f"  orderly:target: {target}", *(f"  orderly:{block}" for block in blocks)]
    return StackFile.read("\n".join(lines), name)


def listed_prices(target: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((COST / target / "prices.json").read_text())
    return found


def easy_prices(target: str) -> Prices:
    """Each unit a dollar, and each assumption one."""
    found = listed_prices(target)
    return Prices(
        listed={name: {"usd": 1, "per": 1} for name in found["prices"]},
        assumed={name: {"value": 1} for name in found["assumed"]},
    )
