"""An answer on a terminal, where it is made to fit, and in a pipe, where nothing of it is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from operations import documents
from operations.plain import plain
from operations.tables import Table

MAX_CELL_CHARACTERS = 300
"""Of one cell on a terminal; a pipe and JSON have all of it."""

TO_COPY = ("order", "id")
"""Columns whose cells stay on one line, since the next command is given them."""
MAX_KEY_CHARACTERS = 40


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`document` is the whole of it for `--json`; `remark` is for the person who asked, beside it."""

    document: object
    tables: tuple[Table, ...] = ()
    line: str = ""
    remark: str = ""
    as_json: bool = False


def show(answer: Answer, out: TextIO) -> None:
    """Without colours and with tabs between the columns, unless `out` is a terminal."""
    if answer.as_json:
        print(documents.text(answer.document), file=out)
    elif out.isatty():
        _show_on(Console(file=out, highlight=False, markup=False, emoji=False), answer)
    else:
        print("\n".join(_piped(answer)), file=out)


def _piped(answer: Answer) -> Iterator[str]:
    for number, table in enumerate(answer.tables):
        yield from [""] if number else []
        yield from ("\t".join(row) for row in (table.columns, *table.rows))
    yield from [plain(answer.line)] if answer.line else []


def _show_on(console: Console, answer: Answer) -> None:
    for table in answer.tables:
        console.print(_fitting(table) if table.rows else Text(f"no {table.title}"))
    if answer.line:
        console.print(Text(plain(answer.line)))


def _fitting(table: Table) -> RichTable:
    fitting = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, column in enumerate(table.columns):
        is_key = column in TO_COPY and max(len(row[number]) for row in table.rows) <= MAX_KEY_CHARACTERS
        fitting.add_column(column, overflow="fold", no_wrap=is_key)
    for row in table.rows:
        fitting.add_row(*(Text(_short(cell)) for cell in row))
    return fitting


def _short(cell: str) -> str:
    return cell if len(cell) <= MAX_CELL_CHARACTERS else f"{cell[: MAX_CELL_CHARACTERS - 1]}…"
