"""Run by the interpreter of .engines/parliament: reads policies and their places as JSON, writes what is found."""

from __future__ import annotations

import json
import sys

import parliament  # type: ignore[import-not-found]  # it lives in an environment of its own


def main() -> None:
    lines = [
        f"{place}: {found.issue} {found.detail} {found.location.get('string', '')}".strip()
        for place, policy in json.load(sys.stdin)
        for found in parliament.analyze_policy_string(policy).findings
    ]
    json.dump(lines, sys.stdout)


if __name__ == "__main__":
    main()
