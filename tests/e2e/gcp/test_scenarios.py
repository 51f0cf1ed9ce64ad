"""All the scenarios on Google Cloud as it is played here: real tokens, the uploaded source, the compiled workflow."""

from __future__ import annotations

from tests.e2e.scenarios import *  # noqa: F403 -- whatever is promised, is promised here
