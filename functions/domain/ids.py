"""Order ids: `ord_` and a ULID, so that ids sort by the moment they were made in (to the millisecond)."""

from __future__ import annotations

import secrets
from datetime import datetime

ENTROPY_BYTES = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O or U to misread
_CHARACTERS = 26


def order_id(moment: datetime, entropy: bytes | None = None) -> str:
    """A new id: 48 bits of milliseconds since 1970, then 80 random bits, too many for anyone to guess."""
    milliseconds = round(moment.timestamp() * 1000)
    number = milliseconds << (8 * ENTROPY_BYTES) | int.from_bytes(entropy or secrets.token_bytes(ENTROPY_BYTES), "big")
    return "ord_" + "".join(_ALPHABET[number >> (5 * place) & 31] for place in reversed(range(_CHARACTERS)))
