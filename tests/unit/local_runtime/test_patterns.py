"""Patterns mean what EventBridge and SNS mean by them; the rest is refused."""

from __future__ import annotations

from typing import Any

import pytest

from local_runtime.patterns import PatternError, compile_pattern

ORDER: dict[str, str | int] = {"event_type": "order.placed", "tier": "high", "total_minor": 500}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ({}, True),
        ({"event_type": ["order.placed"]}, True),
        ({"event_type": ["order.paid"]}, False),
        ({"event_type": ["order.paid", "order.placed"]}, True),
        ({"event_type": ["order.placed"], "tier": ["standard"]}, False),
        ({"total_minor": [500]}, True),
        ({"total_minor": ["500"]}, False),
        ({"event_type": [{"prefix": "order."}]}, True),
        ({"event_type": [{"prefix": "stock."}]}, False),
        ({"total_minor": [{"prefix": "5"}]}, False),
        ({"tier": [{"anything-but": "standard"}]}, True),
        ({"tier": [{"anything-but": ["standard", "high"]}]}, False),
        ({"colour": [{"anything-but": "red"}]}, False),
        ({"tier": [{"exists": True}]}, True),
        ({"tier": [{"exists": False}]}, False),
        ({"colour": [{"exists": False}]}, True),
        ({"colour": ["red", {"exists": False}]}, True),
        ({"total_minor": [{"numeric": [">", 499]}]}, True),
        ({"total_minor": [{"numeric": [">", 500]}]}, False),
        ({"total_minor": [{"numeric": [">=", 500, "<", 501]}]}, True),
        ({"total_minor": [{"numeric": [">", 0, "<=", 499]}]}, False),
        ({"total_minor": [{"numeric": ["=", 500]}]}, True),
        ({"tier": [{"numeric": [">", 0]}]}, False),
        ({"colour": [{"numeric": [">", 0]}]}, False),
    ],
)
def test_a_pattern_matches_as_the_clouds_would(pattern: dict[str, list[Any]], matches: bool) -> None:
    assert compile_pattern(pattern)(ORDER) is matches


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({"tier": "high"}, "has to be a list of at least one condition"),
        ({"tier": []}, "has to be a list of at least one condition"),
        ({"tier": [None]}, "tier has None; a condition is"),
        ({"tier": [True]}, "tier has True; a condition is"),
        ({"tier": [{"suffix": "gh"}]}, "operator suffix; use one of anything-but, exists, numeric, prefix"),
        ({"tier": [{"prefix": "h", "exists": True}]}, "an object with one operator"),
        ({"tier": [{"prefix": ""}]}, "a text that is not empty"),
        ({"tier": [{"exists": "yes"}]}, "has to be true or false"),
        ({"tier": [{"anything-but": {"prefix": "h"}}]}, "has anything-but"),
        ({"total": [{"numeric": [">"]}]}, "write it as"),
        ({"total": [{"numeric": ["~", 5]}]}, "write it as"),
        ({"total": [{"numeric": [">", "5"]}]}, "write it as"),
    ],
)
def test_what_is_not_understood_is_refused(pattern: dict[str, list[Any]], message: str) -> None:
    with pytest.raises(PatternError, match=message):
        compile_pattern(pattern)
