from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAKEFILE = (ROOT / "Makefile").read_text()


def test_every_target_a_person_may_call_is_listed_with_what_it_does() -> None:
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    listed = _make("help").stdout
    targets = phony[1].replace("\\\n", " ").split()
    assert [target for target in targets if not re.search(rf"^  {target} +\S", listed, re.MULTILINE)] == []
    assert _make().stdout == listed


def test_an_interpreter_that_is_too_old_or_does_not_run_is_passed_over(tmp_path: Path) -> None:
    _interpreter(tmp_path, "python3.13", "exit 127")
    _interpreter(tmp_path, "python3.12", _python_that_says_it_is("(3, 10)"))
    _interpreter(tmp_path, "python3.11", _python_that_says_it_is("(3, 11)"))
    shown = _make("--eval=chosen: ; @echo $(PYTHON)", "chosen", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert shown.stdout.strip() == "python3.11"


def test_a_machine_without_python_is_told_what_to_install(tmp_path: Path) -> None:
    for name in ("python3.13", "python3.12", "python3.11", "python3"):
        _interpreter(tmp_path, name, "exit 127")
    refused = _make("-B", "-o", "requirements/uv.txt", ".venv/.uv", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert refused.returncode != 0
    assert "no Python of 3.11 or newer" in refused.stderr
    assert "python3-venv" in refused.stderr


@pytest.mark.parametrize("name", ["uv.txt", "local.txt", "dev.txt"])
def test_requirements_are_pinned_by_hash_and_name_no_index(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    pinned = re.findall(r"^[a-z0-9][^ ]*==\S+.*(?:\n    --hash=.*|\\$)", text, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0
    assert not re.search(r"://|^ *--(?!hash)", text, re.MULTILINE)


def _make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _interpreter(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def _python_that_says_it_is(version: str) -> str:
    return f"""exec {sys.executable} -c 'import sys; sys.version_info = {version}; exec(sys.argv[1])' "$2\""""
