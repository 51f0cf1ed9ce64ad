"""How values read."""

from __future__ import annotations

import pytest

from console.wording import body_lines, money, number, span


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [(3499, "EUR", "34.99 EUR"), (5, "USD", "0.05 USD"), (3499, "JPY", "3,499 JPY"), (1234567, "KWD", "1,234.567 KWD")],
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
