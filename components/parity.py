"""Prints docs/parity.md: what each target does, from the contracts' own docstrings, and what has been shown.

python -m components.parity > docs/parity.md
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from components.capabilities import CAPABILITIES
from components.targets import TARGET_NAMES, existing

CONTRACTS = (
    "function",
    "api",
    "issuer",
    "queue",
    "topic",
    "event_bus",
    "database",
    "workflow",
    "schedule",
    "secret",
    "bucket",
    "notification",
    "observability",
    "foundation",
)

HEAD = """\
# Parity

Printed by `python -m components.parity`; a test holds it current. The tables are the contracts' own docstrings: what a
target that is not built yet will be is what its contract was shaped for, and says nothing of having run."""

SHOWN = """\
## What shows it

| claim | shown by |
|---|---|
| a system on one machine is deployed, changed in place, healed and removed by the real engine | `tests/engine` |
| orders flow through it over HTTP to each of their ends | `tests/e2e`, `make demo` |
| a port keeps its promise on a target | `tests/conformance`, for each target that exists |
| a saga goes on where `kill -9` cut it off and repeats no step that was done | `tests/conformance/local_runtime` |
| what a saga means, on generated sagas and faults | `tests/unit/components/saga` |
| a target has every component of the contract, with the same members | `tests/architecture` |
| a stack file builds the graph it should, with every input a provider would refuse refused | `tests/program` |

## What has not been shown

- Anything on a cloud. Where a target's components are built, this page will say which third-party substrate ran them
  and what only a live account can show.
- Skipped, and said so in the output: that another tenant sees nothing, when `tests/e2e` runs against an address for
  which it was given no second token; that objects are flushed to disk, where the system has no `/proc/self/fd`."""


def page() -> str:
    return "\n\n".join((HEAD, _states(), *_contracts(), _differences(), SHOWN)) + "\n"


def _states() -> str:
    rows = (f"| `{target}` | {'built' if target in existing() else 'not built yet'} |" for target in TARGET_NAMES)
    return "\n".join(("| target | components |", "|---|---|", *rows))


def _contracts() -> Iterator[str]:
    for contract in CONTRACTS:
        promise = import_module(f"components.{contract}").__doc__ or ""
        yield f"## {contract.replace('_', ' ').capitalize()}\n\n{promise.strip()}"


def _differences() -> str:
    lines = ["## Kept in another way", "", "| target | promise | how it is there |", "|---|---|---|"]
    for target in TARGET_NAMES:
        lines += [f"| {target} | {one.promise} | {one.here} |" for one in CAPABILITIES[target].differences]
    lines += [
        "",
        "## Refused when the configuration loads",
        "",
        "| target | setting | allowed | because |",
        "|---|---|---|---|",
    ]
    for target in TARGET_NAMES:
        lines += [f"| {target} | `{no.path}` | {no.allowed} | {no.because} |" for no in CAPABILITIES[target].refusals]
    return "\n".join(lines)


if __name__ == "__main__":
    print(page(), end="")
