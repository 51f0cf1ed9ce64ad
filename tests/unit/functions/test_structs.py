"""No two threads are the first to use a type."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, modules

OWNER = "functions.structs"

LOOKED_AT_BY_MANY = """
from __future__ import annotations
import threading, time
import msgspec
from functions import structs

looking, at_once = [], []
def looked_at():
    looking.append(1)
    time.sleep(0.05)  # lets the others in
    at_once.append(len(looking))
    looking.pop()
    return int

class Part(msgspec.Struct):
    number: looked_at()

class Whole(msgspec.Struct):
    part: Part

together = threading.Barrier(8)
def use(number):
    together.wait()
    {use}

threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(max(at_once))
"""
"""msgspec evaluates an annotation when it looks at the type; a process of its own, for this may end it."""


@pytest.mark.parametrize(
    "use",
    [
        "structs.decode(b'{\"number\": 1}', Part)",
        "structs.convert({'number': 1}, Part)",
        "structs.decode(b'[]', (list[Part], list[Whole])[number % 2])",
    ],
)
def test_one_thread_looks_at_a_type_and_the_others_wait(use: str) -> None:
    script = LOOKED_AT_BY_MANY.format(use=use)
    finished = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (finished.returncode, finished.stdout) == (0, "1\n"), finished.stderr


HARMLESS = frozenset(
    {
        "msgspec.Struct",
        "msgspec.Raw",
        "msgspec.DecodeError",
        "msgspec.ValidationError",
        "msgspec.json",
        "msgspec.json.encode",
        "msgspec.json.decode",
        "msgspec.json.schema_components",
    }
)
"""Of msgspec, what looks at no type to decode into; `decode` if it is told none."""


def test_every_type_goes_to_msgspec_by_that_way() -> None:
    others = {name: path for name, path in modules("functions").items() if name != OWNER}
    assert [place for name, path in others.items() for place in _asks_msgspec_for_a_type(name, path)] == []


@pytest.mark.parametrize(
    "asks",
    [
        "import msgspec\nmsgspec.json.decode(body, type=Part)",
        "import msgspec\nmsgspec.convert(value, Part)",
        "from msgspec import convert",
        "from msgspec.json import Decoder",
        "import msgspec\ndecoder = msgspec.json.Decoder",
        "from msgspec import json",
        "import msgspec as m",
        "import msgspec.json as j",
        "import msgspec\nmsgspec.msgpack.decode(body, type=Part)",
        "import msgspec\nmsgspec.json.decode(body, **told)",
    ],
)
def test_a_way_around_it_is_seen(asks: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(asks)
    assert list(_asks_msgspec_for_a_type("module", module))


def test_json_without_a_type_may_be_decoded_anywhere(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("import msgspec\nmsgspec.json.decode(body)\nmsgspec.json.encode(value)")
    assert list(_asks_msgspec_for_a_type("module", module)) == []


def _asks_msgspec_for_a_type(name: str, path: Path) -> Iterator[str]:
    """Each place, as module and line: whatever is not known to ask for none."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not all(_is_harmless(node)):
            yield f"{name}:{getattr(node, 'lineno', 0)}"


def _is_harmless(node: ast.AST) -> Iterator[bool]:
    if isinstance(node, ast.Attribute) and re.fullmatch(r"msgspec[\w.]+", asked := ast.unparse(node)):
        yield asked in HARMLESS
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "msgspec.json.decode":
        yield len(node.args) == 1 and not node.keywords
    if isinstance(node, ast.ImportFrom) and f"{node.module}".startswith("msgspec"):
        yield node.module == "msgspec" and {each.name for each in node.names} <= {"Meta", "inspect"}
    if isinstance(node, ast.Import):
        named = [each for each in node.names if each.name.startswith("msgspec")]
        yield all(each.name == "msgspec" and each.asname is None for each in named)
