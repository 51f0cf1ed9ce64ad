"""Files that a browser may keep for ever, and those of others."""

from __future__ import annotations

import hashlib

import pytest

from console.assets import FOLDER, addresses
from tests.unit.console.asking import Browser
from tests.unit.console.memory import MemorySystem

VENDORED = [line.split() for line in (FOLDER / "VENDORED").read_text().splitlines() if ".js " in line]


@pytest.mark.parametrize(("name", "digest"), [line[:2] for line in VENDORED])
def test_a_vendored_file_is_the_one_that_its_package_has(name: str, digest: str) -> None:
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest


def test_every_minified_file_is_listed_with_its_package_and_licence() -> None:
    assert {line[0] for line in VENDORED} == {path.name for path in FOLDER.glob("*.min.js")}
    assert all("@" in line[2] and line[3] == "0BSD" for line in VENDORED)


@pytest.mark.parametrize("name", sorted(addresses()))
def test_a_file_is_kept_for_ever_under_a_name_with_its_digest(name: str) -> None:
    browser = Browser(MemorySystem().site())
    answer = browser.get(f"/console/assets/{addresses()[name]}")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert addresses()[name].startswith(hashlib.sha256(answer.text.encode()).hexdigest()[:16])
    assert browser.get(f"/console/assets/{'0' * 16}-{name}").status == 404


@pytest.mark.parametrize("path", ["VENDORED", "../guard.py", "%2e%2e%2fguard.py", "console.css"])
def test_nothing_else_of_the_folder_is_served(path: str) -> None:
    assert Browser(MemorySystem().site()).get(f"/console/assets/{path}").status == 404


def test_the_stylesheet_asks_nobody_for_anything() -> None:
    text = (FOLDER / "console.css").read_text()
    assert "url(" not in text
    assert "@import" not in text
