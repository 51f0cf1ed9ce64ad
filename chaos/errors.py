"""What keeps the harm from being done, as one line that says what to do."""

from __future__ import annotations


class ChaosError(Exception):
    """There is no system to harm, or this machine cannot harm it in the way that was asked for."""
