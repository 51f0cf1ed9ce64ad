"""What every target's event archive promises."""

from __future__ import annotations

from datetime import timedelta

from tests.conformance.worlds import Target
from tests.unit.functions.orders import NOON


def test_an_event_is_kept_under_its_day_byte_for_byte(target: Target) -> None:
    target.archive.put("ord_1:2", NOON, b'{"any": "bytes"}')
    assert target.archived() == {"2026/01/02/ord_1-2.json": b'{"any": "bytes"}'}


def test_an_event_that_comes_again_is_kept_once(target: Target) -> None:
    for _ in range(2):
        target.archive.put("ord_1:1", NOON, b"{}")
    target.archive.put("ord_1:2", NOON + timedelta(days=1), b"{}")
    assert sorted(target.archived()) == ["2026/01/02/ord_1-1.json", "2026/01/03/ord_1-2.json"]
