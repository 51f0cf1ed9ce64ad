"""Where there is no browser, the tests fail and say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import screenshots
from tests.browser.chromium import NAMES, chromium


def test_without_a_chromium_the_tests_say_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        chromium()


def test_without_a_chromium_no_picture_is_taken_and_that_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"^tests\.browser\.screenshots: no chromium on PATH, [^\n]+$"):
        screenshots.main([str(tmp_path / "pictures")])
    assert not (tmp_path / "pictures").exists()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_found_by_each_of_its_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium() == str(tmp_path / name)
