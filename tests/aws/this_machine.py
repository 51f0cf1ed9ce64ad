"""The machine and the Python that the tests run on, as packages are built for them where a handler really runs."""

from __future__ import annotations

import platform
import sys

from components.wheels import Platform

HERE = Platform(machine=platform.machine(), python=f"{sys.version_info.major}.{sys.version_info.minor}")
