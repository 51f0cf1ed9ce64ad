"""`python -m operations --stack STACK COMMAND`: what an operator sees of a running system, and does to it.

Exit codes: 0 done, also when there was nothing to do; 2 it was asked for something that cannot be, in one line.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from typer.exceptions import TyperException

from operations.cli import app
from operations.errors import OperationsError
from operations.plain import plain
from operations.ports import NoSuchQueueError
from operations.showing import Answer, show

HELP = "python -m operations --help lists the commands"


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        return _answered(arguments)
    except TyperException as error:
        why = error.format_message().replace("Value error, ", "").rstrip(".")
        return _refused(f"{why}: {HELP}")
    except (OperationsError, NoSuchQueueError) as error:
        return _refused(str(error))
    except KeyboardInterrupt:
        return 130


def _answered(arguments: Sequence[str] | None) -> int:
    answer = app(args=arguments, prog_name="python -m operations", standalone_mode=False)
    if isinstance(answer, Answer):
        _print(answer)
    return 0


def _print(answer: Answer) -> None:
    """Whoever reads may have enough of it before the end, as `head` has."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal need not know every character of an order
    try:
        show(answer, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if answer.remark:
        print(f"operations: {plain(answer.remark)}", file=sys.stderr)


def _refused(why: str) -> int:
    for line in why.splitlines():
        print(f"operations: {plain(line)}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
