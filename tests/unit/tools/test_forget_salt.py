"""The stack file of the local system is tracked: the salt of one machine's passphrase does not stay in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "tools" / "pulumi" / "forget-salt"
SETTINGS = "# small\nconfig:\n  orderly:target: local\n"
SECRET = SETTINGS + "  orderly:payments:\n    api_key:\n      secure: v1:xyz\n"
SALT = "encryptionsalt: v1:abc\n"


def _after(folder: Path, content: str) -> str:
    file = folder / "Pulumi.local.yaml"
    file.write_text(content, encoding="utf-8")
    subprocess.run(["sh", str(SCRIPT)], cwd=folder, check=True)
    return file.read_text(encoding="utf-8")


def test_the_salt_goes_and_everything_else_stays(tmp_path: Path) -> None:
    assert _after(tmp_path, SALT + SETTINGS) == SETTINGS


def test_the_salt_stays_with_a_secret_that_only_it_can_open(tmp_path: Path) -> None:
    assert _after(tmp_path, SALT + SECRET) == SALT + SECRET


def test_a_file_without_salt_is_left_as_it_is(tmp_path: Path) -> None:
    assert _after(tmp_path, SETTINGS) == SETTINGS
