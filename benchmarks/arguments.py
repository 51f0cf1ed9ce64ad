"""What the commands of this folder are told."""

from __future__ import annotations

import argparse


def at_least_one(text: str) -> int:
    """For an argument that says how many."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is too few: ask for one at least")
    return number
