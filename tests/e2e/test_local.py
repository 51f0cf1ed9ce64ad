"""All the scenarios on a local system that the real engine builds for these tests, or at ORDERLY_E2E_URL."""

from __future__ import annotations

from tests.e2e.scenarios import *  # noqa: F403 -- whatever is promised, is promised here
