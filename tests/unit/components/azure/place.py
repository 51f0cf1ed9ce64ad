"""Where the systems of these tests are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tests.graph import OWN_BLOCKS

BLOCK = cast("Mapping[str, object]", OWN_BLOCKS["azure"]["azure"])
"""What a stack file has to say of Azure."""
