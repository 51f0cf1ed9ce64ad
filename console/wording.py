"""How values read on a page."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""Those of ISO 4217 whose minor unit is no hundredth."""
_DIGITS = {code: digits for digits, codes in _BY_DIGITS.items() for code in codes.split()}


def money(minor: int, currency: str) -> str:
    """Minor units as whole ones: 3499 EUR is 34.99 EUR."""
    digits = _DIGITS.get(currency, 2)
    return f"{minor / 10**digits:,.{digits}f} {currency}"


def clock_time(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"


def full_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def span(seconds: float) -> str:
    """Two figures or three, in the unit that fits."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 86_400 else f"{seconds / 86_400:.1f} d"


def number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def anchor(text: str) -> str:
    """An id for what has this name: every selector takes it as it is, which is not so of what strangers sent."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def body_lines(body: bytes) -> list[str]:
    """JSON indented, anything else as it is, bytes that are no UTF-8 as escapes."""
    text = body.decode("utf-8", "backslashreplace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False).split("\n")
    except (ValueError, RecursionError):
        return text.split("\n")
