"""What keeps the demonstration from running, as one line that says what to do."""

from __future__ import annotations


class DemoError(Exception):
    """The system is not there, or does not answer as it should."""
