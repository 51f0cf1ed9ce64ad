"""What the tables of AWS's outputs are written with besides tests.templates."""

from __future__ import annotations


def arn(service: str, resource: str) -> str:
    """The template of a regional resource's ARN."""
    return f"arn:aws:{service}:{{region}}:{{account}}:{resource}"
