"""What a run of the rules' tests has shown: the page docs/parity.md is printed from it.

`docs/saga-runs.json` has the word for each rule and engine, and what the drivers level. A run of all rules on all
engines compares it with what happened, and fails when the file says something else; `make parity` writes it anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TypeAlias

from tests.conformance.saga import mutants
from tests.conformance.saga.engine import Engine

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "saga.md"
FILE = ROOT / "docs" / "saga-runs.json"
EXECUTED = "executed"
_RULE = re.compile(r"^### (.+)$", re.MULTILINE)
Word: TypeAlias = tuple[str, str]
"""`executed`, `by the provider's word` or `not offered`; and for the last two the reason."""


def rules() -> Mapping[str, str]:
    """Every rule of docs/saga.md by the name of its test."""
    return {name_of_test(rule): rule for rule in _RULE.findall(PAGE.read_text(encoding="utf-8"))}


def name_of_test(rule: str) -> str:
    return "test_" + re.sub(r"\W+", "_", rule.replace("'", "").lower())


@dataclass
class Shown:
    """By rule and engine, as far as the run has come."""

    words: dict[str, dict[str, Word]] = field(default_factory=dict)
    levelled: dict[str, list[str]] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)
    """Each test of a rule, and the engine that it was run on, whatever came of it."""

    def add(self, test: str, engine: Engine) -> None:
        """A test of a rule has passed on the engine, or was skipped for what the engine's driver says."""
        rule = rules()[test]
        self.words.setdefault(rule, {})[engine.name] = engine.unproven.get(test.removeprefix("test_"), (EXECUTED, ""))
        self.levelled[engine.name] = list(engine.levelled)

    def missing(self, engines: Iterable[str]) -> list[str]:
        """What a run of all rules on all engines should have shown, and did not: a test was skipped, or failed."""
        pairs = product(rules().values(), engines)
        return [f"{rule} ({engine})" for rule, engine in pairs if engine not in self.words.get(rule, {})]

    def text(self) -> str:
        ordered = {rule: {name: list(word) for name, word in self.words[rule].items()} for rule in rules().values()}
        shown = {"rules": ordered, "levelled": self.levelled, "mutants": _mutants()}
        return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"

    def differences(self) -> Iterator[str]:
        """Where the file says something else than happened."""
        there, happened = json.loads(FILE.read_text(encoding="utf-8")), json.loads(self.text())
        for rule in {**there["rules"], **happened["rules"]}:
            if there["rules"].get(rule) != happened["rules"].get(rule):
                yield rule
        if there["levelled"] != happened["levelled"]:
            yield "what the drivers level"
        if there.get("mutants") != happened["mutants"]:
            yield "the number of mutants"


def _mutants() -> dict[str, int]:
    """How many there are of each compiler's source."""
    lists = map(mutants.of, mutants.ENGINE_OF)
    return {broken.SOURCE: len(broken.MUTANTS) for broken in lists}
