"""The code's digest changes when the code does, and for no other reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from components.local._source import SCHEMAS, code_digest, schema_digest


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("functions/a.py", "functions/deep/b.sql", "local_runtime/c.py", "components/saga/d.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_a_changed_a_renamed_and_a_new_file_change_it(checkout: Path) -> None:
    digests = [code_digest(checkout)]
    (checkout / "functions/deep/b.sql").write_text("changed")
    digests.append(code_digest(checkout))
    (checkout / "functions/a.py").rename(checkout / "functions/aa.py")
    digests.append(code_digest(checkout))
    (checkout / "components/saga/new.py").write_text("")
    digests.append(code_digest(checkout))
    assert len(set(digests)) == 4


@pytest.mark.parametrize("page", ["console/templates/page.html", "console/assets/page.css", "operations/ports.py"])
def test_what_the_console_shows_is_run_by_the_run_time_too(checkout: Path, page: str) -> None:
    before = code_digest(checkout)
    (checkout / page).parent.mkdir(parents=True)
    (checkout / page).write_text("")
    assert code_digest(checkout) != before


def test_what_the_run_time_does_not_run_leaves_it_alone(checkout: Path) -> None:
    before = code_digest(checkout)
    (checkout / "components/config.py").write_text("")
    (checkout / "functions/__pycache__").mkdir()
    (checkout / "functions/__pycache__/a.pyc").write_text("")
    os.utime(checkout / "functions/a.py", (1, 1))
    assert code_digest(checkout) == before


@pytest.mark.parametrize("changed", SCHEMAS)
def test_a_table_more_changes_the_schemas_digest_and_a_line_of_code_does_not(tmp_path: Path, changed: str) -> None:
    for schema in SCHEMAS:
        (tmp_path / schema).parent.mkdir(parents=True)
        (tmp_path / schema).write_text("CREATE TABLE")
    before = schema_digest(tmp_path)
    (tmp_path / "local_runtime" / "code.py").touch()
    assert schema_digest(tmp_path) == before
    (tmp_path / changed).write_text("CREATE TABLE more")
    assert schema_digest(tmp_path) != before
