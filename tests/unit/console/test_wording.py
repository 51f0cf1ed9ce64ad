"""How values read."""

from __future__ import annotations

import pytest

from console.wording import anchor, body_lines, money, number, span

WHOLE = ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
THOUSANDTHS = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (3499, "EUR", "34.99 EUR"),
        (5, "USD", "0.05 USD"),
        *((3499, code, f"3,499 {code}") for code in WHOLE),
        *((1234567, code, f"1,234.567 {code}") for code in THOUSANDTHS),
        (5, "CLF", "0.0005 CLF"),
    ],
)
def test_money_is_shown_in_whole_units_of_its_currency(minor: int, currency: str, said: str) -> None:
    assert money(minor, currency) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 ms"), (0.25, "250 ms"), (1.26, "1.3 s"), (90, "2 min"), (5400, "1.5 h"), (200_000, "2.3 d")],
)
def test_a_time_is_shown_in_the_unit_that_fits(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_numbers_have_no_more_digits_than_they_need() -> None:
    assert [number(3.0), number(1234.56)] == ["3", "1,234.6"]


def test_a_body_too_deep_to_be_indented_is_shown_as_it_is() -> None:
    assert body_lines(b"[" * 100_000) == ["[" * 100_000]


def test_an_anchor_is_the_texts_own_and_no_selector_can_misread_it() -> None:
    anchors = {anchor(text) for text in ("ord_1:1", "ord_1:2", "#x .y", "\ud800")}
    assert len(anchors) == 4
    assert all(each.isalnum() and each.isascii() for each in anchors)
