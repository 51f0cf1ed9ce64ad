"""Nothing of what strangers sent reaches a terminal but as text, and nothing of it is left out of a pipe."""

from __future__ import annotations

import io
import json
import unicodedata
from dataclasses import replace

import pytest

from operations import documents, tables
from operations.plain import plain
from operations.showing import MAX_CELL_CHARACTERS, Answer, show
from tests.unit.operations.fakes import HOSTILE, RUN, System, letter

LONG = "x" * 5000
MARKUP = "[red]markup[/red] :boom:"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every control character on a terminal is the stranger's."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def shown(*shown_tables: tables.Table, out: io.StringIO, line: str = "") -> str:
    show(Answer(document=None, tables=shown_tables, line=line), out)
    return out.getvalue()


def everything() -> list[tables.Table]:
    system = System()
    order = replace(system.place(reason=HOSTILE), tenant=HOSTILE)
    event = replace(system.events[order.order_id][0], version=2, details={"message": HOSTILE})
    return [
        tables.of_orders([order]),
        tables.of_events([event]),
        tables.of_run(RUN),
        tables.of_attempts(RUN.attempts),
        tables.of_queues(system.states()),
        tables.of_dead_letters([letter(HOSTILE)]),
    ]


def dangerous(text: str, *allowed: str) -> list[str]:
    return [each for each in text if each not in allowed and unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl")]


def test_what_is_not_to_be_seen_is_written_as_an_escape_and_the_rest_stays() -> None:
    assert plain("Zoë, 東京 [red]\\n") == "Zoë, 東京 [red]\\n"
    assert plain("a\x1b[31m\n\x7f\x9b\u202e\ud800\u2028\xa0") == ("a\\x1b[31m\\n\\x7f\\x9b\\u202e\\ud800\\u2028\\xa0")


@pytest.mark.parametrize("table", everything(), ids=lambda table: str(table.title))
def test_a_terminal_gets_no_control_character_of_a_stranger_and_no_markup(
    table: tables.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")  # a dumb one is always 80 characters wide
    monkeypatch.setenv("COLUMNS", "5000")
    text = shown(table, out=Terminal()).replace("\x1b[1m", "").replace("\x1b[0m", "")  # our own: the bold headings
    assert dangerous(text, "\n") == []
    cells = [cell for row in table.rows for cell in row if MARKUP in cell]
    assert text.count(MARKUP) == len(cells)
    assert bool(cells) is (table.title != "queues")


@pytest.mark.parametrize("out", [io.StringIO, Terminal])
def test_what_is_said_of_a_strangers_words_is_harmless_too(out: type[io.StringIO]) -> None:
    text = shown(out=out(), line=HOSTILE)
    assert dangerous(text, "\n") == []
    assert MARKUP in text


@pytest.mark.parametrize("table", everything(), ids=lambda table: str(table.title))
def test_in_a_pipe_each_row_is_a_line_and_each_cell_has_its_place(table: tables.Table) -> None:
    text = shown(table, out=io.StringIO())
    assert dangerous(text, "\n", "\t") == []
    lines = text.removesuffix("\n").split("\n")
    assert len(lines) == 1 + len(table.rows)
    assert {line.count("\t") for line in lines} == {len(table.columns) - 1}
    assert tuple(lines[0].split("\t")) == table.columns


def test_a_pipe_has_all_of_a_long_reason_and_a_terminal_as_much_as_can_be_read() -> None:
    table = tables.of_dead_letters([letter("m", reason=LONG)])
    assert LONG in shown(table, out=io.StringIO())
    on_terminal = shown(table, out=Terminal())
    assert on_terminal.count("x") == MAX_CELL_CHARACTERS - 1
    assert "…" in on_terminal
    assert max(len(line.rstrip()) for line in on_terminal.splitlines()) <= 80


def test_on_a_narrow_terminal_an_id_stays_in_one_piece() -> None:
    order = System().place(reason="because " * 30)
    text = shown(tables.of_orders([order]), out=Terminal())
    assert order.order_id in text
    assert "".join(text.split()).count("because") == 30
    assert "ord_01KDY0QR00ABCDEFGHJKMNPQRS:1" in shown(
        tables.of_dead_letters([letter("ord_01KDY0QR00ABCDEFGHJKMNPQRS:1", reason=LONG)]), out=Terminal()
    )


def test_an_empty_table_is_its_columns_in_a_pipe_and_a_sentence_on_a_terminal() -> None:
    assert shown(tables.of_orders([]), out=Terminal()) == "no orders\n"
    assert shown(tables.of_queues([]), out=io.StringIO()) == "queue\tdepth\tage_seconds\tdead_letters\n"


def test_tables_are_apart_by_an_empty_line() -> None:
    empty = tables.of_queues([])
    assert shown(empty, empty, out=io.StringIO(), line="done").split("\n")[1:] == [
        "",
        "\t".join(empty.columns),
        "done",
        "",
    ]


def test_an_attempt_says_how_long_it_took_or_that_it_is_under_way() -> None:
    ended, open_ = tables.of_attempts(RUN.attempts).rows
    assert ended[:6] == ("reserve-inventory", "do", "2", "2026-01-02T12:00:00.000Z", "1.500", "faulted")
    assert open_[4:6] == ("", "under way")


def test_json_is_ascii_that_reads_back_as_it_was() -> None:
    order = System().place(reason=HOSTILE)
    text = documents.text([documents.of_order(order), RUN, documents.of_dead_letter(letter("m", body=b"\xff"))])
    assert dangerous(text) == []
    assert text.isascii()
    read_order, read_run, read_letter = json.loads(text)
    assert (read_order["reason"], read_order["total_minor"]) == (HOSTILE, order.total_minor)
    assert (read_run["attempts"][0]["message"], read_run["attempts"][1]["ended_at"]) == (HOSTILE, None)
    assert (read_letter["body"], read_letter["body_base64"]) == (None, "/w==")
