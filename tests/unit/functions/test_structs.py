"""No thread is ever the first to use a type."""

from __future__ import annotations

import subprocess
import sys

from tests.architecture.source import ROOT, modules

POISON = """
import msgspec
def of_ours(type_):
    for found in type_.__subclasses__():
        yield from of_ours(found)
        if found.__module__.startswith("functions."):
            yield found
found = list(of_ours(msgspec.Struct)) + [SagaCall]
for type_ in found:
    type_.__annotations__ = {name: "no_such_type" for name in type_.__annotations__}
for type_ in found:
    try:
        msgspec.json.decode(b"1", type=type_)
    except msgspec.ValidationError:
        pass
    except NameError:
        print(type_.__qualname__)
print(len(found), "types")
"""
"""What was not looked at when its module was loaded would have to look at its fields now, and they are gone."""


def test_every_type_is_known_to_msgspec_once_its_module_is_loaded() -> None:
    """Where two threads are the first to decode a type, msgspec ends the process."""
    loaded = [
        name
        for name, path in modules("functions").items()
        if "msgspec.Struct" in path.read_text(encoding="utf-8") and name != "functions.structs"
    ]
    imports = "\n".join(f"import {name}" for name in loaded)
    script = f"{imports}\nfrom functions.entrypoints.local import SagaCall\n{POISON}"
    finished = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(loaded) > 4
    assert finished.stdout.splitlines() == ["23 types"]
