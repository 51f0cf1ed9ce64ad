"""All the scenarios on Azure as it is played here: real tokens, the posted package, the packaged orchestrators."""

from __future__ import annotations

from tests.e2e.scenarios import *  # noqa: F403 -- whatever is promised, is promised here
