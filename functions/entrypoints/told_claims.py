"""Claims of a token as a gateway tells them in a header: base64url of a JSON object."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from functions.structs import decode


def claims_in(header: str) -> Mapping[str, object] | None:
    """None for what is no object in base64url, two headers in one among it; padding may be missing."""
    try:
        text = base64.b64decode(header + "=" * (-len(header) % 4), altchars=b"-_", validate=True)
        claims = decode(text, dict[str, object])
    except (ValueError, RecursionError):
        return None
    return claims or None
