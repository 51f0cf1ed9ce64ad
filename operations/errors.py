"""What an operator is refused, each as one line that says what to do next."""

from __future__ import annotations


class OperationsError(Exception):
    """The system cannot be looked at, or not in this way."""
