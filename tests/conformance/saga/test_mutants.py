"""The mutants that `make conformance-mutants` runs are mistakes of today's compilers, not of last month's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.saga import mutants
from tests.conformance.saga.mutants import ENGINE_OF
from tests.conformance.saga.mutants.__main__ import ROOT


@pytest.mark.parametrize("compiler", ENGINE_OF)
def test_every_compiler_is_broken_in_at_least_twenty_ways(compiler: str) -> None:
    broken = mutants.of(compiler)
    text = (ROOT / Path(broken.SOURCE)).read_text(encoding="utf-8")
    assert len({mutant.name for mutant in broken.MUTANTS}) == len(broken.MUTANTS) >= 20
    assert [mutant.name for mutant in broken.MUTANTS if text.count(mutant.old) != 1 or mutant.old == mutant.new] == []
