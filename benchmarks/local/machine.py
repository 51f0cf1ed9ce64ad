"""What a figure was measured on; nothing that names the machine."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path


def described(folder: Path) -> Mapping[str, object]:
    """`folder` is where the databases are."""
    return {
        "architecture": platform.machine(),
        "processors": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "kernel": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "filesystem": _filesystem(folder),
    }


def load() -> float:
    """Of the last minute, whoever causes it: a figure from a busy machine is no more than a comparison."""
    return round(os.getloadavg()[0], 1)


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _filesystem(folder: Path) -> str:
    command = ["df", "--output=fstype", str(folder)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.split()[-1] if asked.stdout else "unknown"
