"""That what is measured starts: a case that nothing runs breaks unseen when a function asks for one variable more."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from benchmarks.cold_start import case_of, started
from components.aws._package import ROOT
from functions.entrypoints.aws.handlers import MODULES


@pytest.mark.parametrize("handler", MODULES)
def test_each_function_gets_as_far_as_its_first_client(handler: str) -> None:
    here = Path(sysconfig.get_path("purelib"))
    assert started(case_of(handler, ROOT, here), sys.executable).processor > 0
