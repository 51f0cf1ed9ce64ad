"""All the scenarios on AWS as ministack plays it: real tokens, the built packages, the compiled state machine."""

from __future__ import annotations

from tests.e2e.scenarios import *  # noqa: F403 -- whatever is promised, is promised here
