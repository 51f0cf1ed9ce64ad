"""What Google publishes about the form of a workflow, held against a source; Workflows checks it when it deploys.

From cloud.google.com/workflows: reference/syntax (steps, calls, conditions, expressions, errors, parallel steps,
variables, subworkflows), reference/stdlib, and the page of quotas. Where the pages allow more than the compiler needs,
only what it needs is allowed here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.conformance.saga.workflows_expressions import MAX_EXPRESSION, problem_of

Body: TypeAlias = Mapping[str, Any]
MAX_SOURCE_BYTES, MAX_STRING_BYTES, MAX_CALL_DEPTH, MAX_PARALLEL_DEPTH = 128 * 1024, 256 * 1024, 20, 2
MAX_TIMEOUT_SECONDS = 1800
MAX_ITEMS = {"assign": 50, "switch": 50, "branches": 10, "params": 10}
KEYS: Mapping[str, tuple[set[str], set[str]]] = {
    "assign": ({"assign"}, {"next"}),
    "call": ({"call"}, {"args", "result", "next"}),
    "switch": ({"switch"}, {"next"}),
    "for": ({"for"}, set()),
    "parallel": ({"parallel"}, set()),
    "try": ({"try", "except"}, set()),
    "return": ({"return"}, set()),
    "raise": ({"raise"}, set()),
}
"""For each kind of step what it must have and what it may have."""
ARGUMENTS: Mapping[str, tuple[set[str], set[str]]] = {
    "http.post": ({"url", "auth", "timeout", "body"}, {"headers", "query"}),
    "sys.sleep": ({"seconds"}, set()),
}
"""The calls that block, which cannot be in an expression."""
VARIABLE = re.compile(r"[A-Za-z_]\w*")


def problems(source: str) -> list[str]:
    """Nothing for a source that keeps to it."""
    document = json.loads(source)
    found = [f"the source has {len(source.encode())} bytes"] if len(source.encode()) > MAX_SOURCE_BYTES else []
    for name, workflow in document.items():
        found += _Workflow(name, workflow, document).problems()
    return found + list(_call_depth(document, ("main",)))


def _call_depth(document: Mapping[str, Body], path: tuple[str, ...]) -> Iterator[str]:
    if len(path) > MAX_CALL_DEPTH or len(set(path)) < len(path):
        yield f"calls {' > '.join(path)} are too deep"
        return
    for called in {body["call"] for _, body in _steps_in(document[path[-1]]) if body.get("call") in document}:
        yield from _call_depth(document, (*path, called))


def _steps_in(value: object) -> Iterator[tuple[str, Body]]:
    """All steps below, whatever they are in."""
    if isinstance(value, Mapping):
        for key in ("steps", "branches"):
            for step in value.get(key, ()):
                yield from step.items()
        for item in value.values():
            yield from _steps_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _steps_in(item)


@dataclass
class _Place:
    """Where a step is: the variables that it can read, those it cannot write, and how many parallels it is in."""

    readable: set[str]
    unwritable: set[str] = field(default_factory=set)
    depth: int = 0

    def inner(self, *variables: str) -> _Place:
        """A block whose own variables end with it."""
        return _Place({*self.readable, *variables}, set(self.unwritable), self.depth)

    def branch(self, shared: Sequence[str]) -> _Place:
        return _Place(set(self.readable), self.readable - set(shared), self.depth + 1)


class _Workflow:
    """The main workflow or a subworkflow."""

    def __init__(self, name: str, workflow: Body, document: Mapping[str, Body]) -> None:
        self._where, self._workflow, self._document = name, workflow, document
        self._found: list[str] = []

    def problems(self) -> list[str]:
        if not {"steps"} <= self._workflow.keys() <= {"params", "steps"}:
            return [f"{self._where} has {sorted(self._workflow)}"]
        params = self._workflow.get("params", [])
        self._count("params", params)
        if self._where == "main" and len(params) > 1:
            self._say("main has more than one parameter")
        names = [name for name, _ in _steps_in(self._workflow)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._say(f"step {name} is there twice")
        self._block(self._workflow["steps"], _Place(set(params)))
        return self._found

    def _say(self, problem: str) -> None:
        self._found.append(f"{self._where}: {problem}")

    def _count(self, what: str, items: Sequence[object]) -> None:
        if len(items) > MAX_ITEMS[what]:
            self._say(f"{len(items)} in {what}")

    def _block(self, steps: Sequence[Body], place: _Place) -> None:
        if not steps or any(len(step) != 1 for step in steps):
            self._say("a block has no step, or more than one name for one")
            return
        block = [name for step in steps for name in step]
        workflow = self._where.partition(",")[0]
        for step in steps:
            ((name, body),) = step.items()
            self._where = f"{workflow}, {name}"
            self._step(body, block, place)

    def _step(self, body: Body, block: Sequence[str], place: _Place) -> None:
        kind = next((kind for kind in KEYS if kind in body), "")
        must, may = KEYS.get(kind, (set(), set()))
        if not kind or not must <= body.keys() <= must | may:
            self._say(f"a step has {sorted(body)}")
            return
        self._next(body, block, place)
        getattr(self, f"_{kind}")(body, block, place)

    def _next(self, body: Body, block: Sequence[str], place: _Place) -> None:
        target = body.get("next")
        if target == "end" and place.depth:
            self._say("a branch ends the workflow")
        elif target and target != "end" and target not in block:
            self._say(f"goes on at {target}, which is no step of its block")

    def _assign(self, body: Body, block: Sequence[str], place: _Place) -> None:
        self._count("assign", body["assign"])
        for assignment in body["assign"]:
            ((target, value),) = assignment.items()
            self._value(value, place)
            self._write(target, place)

    def _write(self, target: str, place: _Place) -> None:
        variable, *fields = target.split(".")
        if not all(VARIABLE.fullmatch(part) for part in (variable, *fields)):
            self._say(f"{target} is no variable")
        if fields and variable not in place.readable:
            self._say(f"{target} is a field of nothing")
        if variable in place.unwritable:
            self._say(f"{variable} is written in a branch and not shared")
        place.readable.add(variable)

    def _call(self, body: Body, block: Sequence[str], place: _Place) -> None:
        called, args = body["call"], body.get("args", {})
        if called in self._document:
            must: set[str] = set(self._document[called].get("params", []))
            may: set[str] = set()
        else:
            must, may = ARGUMENTS.get(called, ({"a function that exists"}, set()))
        if not must <= args.keys() <= must | may:
            self._say(f"{called} is called with {sorted(args)}, and takes {sorted(must | may)}")
        elif called == "http.post":
            self._post(args)
        self._value(args, place)
        if "result" in body:
            self._write(body["result"], place)

    def _post(self, args: Body) -> None:
        if args["auth"] != {"type": "OIDC", "audience": args["url"]}:
            self._say(f"http.post has auth {args['auth']}")
        timeout = args["timeout"]
        if not isinstance(timeout, str) and not 0 < timeout <= MAX_TIMEOUT_SECONDS:
            self._say(f"http.post has timeout {timeout}")

    def _switch(self, body: Body, block: Sequence[str], place: _Place) -> None:
        self._count("switch", body["switch"])
        for condition in body["switch"]:
            what = condition.keys() - {"condition"}
            if "condition" not in condition or len(what) != 1 or not what <= {"next", "steps", "return", "raise"}:
                self._say(f"a condition has {sorted(condition)}")
                continue
            self._value(condition["condition"], place)
            self._next(condition, block, place)
            if "steps" in condition:
                self._block(condition["steps"], place)
            elif "next" not in condition:
                self._leave(condition, place)

    def _for(self, body: Body, block: Sequence[str], place: _Place) -> None:
        loop = body["for"]
        if loop.keys() != {"value", "in", "steps"}:
            self._say(f"a loop has {sorted(loop)}")
            return
        self._value(loop["in"], place)
        self._block(loop["steps"], place.inner(loop["value"]))

    def _parallel(self, body: Body, block: Sequence[str], place: _Place) -> None:
        parallel = body["parallel"]
        if parallel.keys() != {"shared", "branches"}:
            self._say(f"a parallel has {sorted(parallel)}")
            return
        self._count("branches", parallel["branches"])
        if undeclared := sorted(set(parallel["shared"]) - place.readable):
            self._say(f"{undeclared[0]} is shared and was not there before")
        if place.depth == MAX_PARALLEL_DEPTH:
            self._say("parallels are too deep in each other")
        written = [name for branch in parallel["branches"] for name in _written(branch, set(parallel["shared"]))]
        for name in sorted({name for name in written if written.count(name) > 1}):
            self._say(f"{name} is written in two branches")
        for branch in parallel["branches"]:
            ((_, steps),) = branch.items()
            self._block(steps["steps"], place.branch(parallel["shared"]))

    def _try(self, body: Body, block: Sequence[str], place: _Place) -> None:
        if body["try"].keys() != {"steps"} or body["except"].keys() != {"as", "steps"}:
            self._say(f"a try has {sorted(body['try'])} and {sorted(body['except'])}")
            return
        self._block(body["try"]["steps"], place)
        self._block(body["except"]["steps"], place.inner(body["except"]["as"]))

    def _leave(self, body: Body, place: _Place) -> None:
        if place.depth and "return" in body:
            self._say("a branch returns")
        self._value(body.get("return", body.get("raise")), place)

    def _return(self, body: Body, block: Sequence[str], place: _Place) -> None:
        self._leave(body, place)

    _raise = _return

    def _value(self, value: object, place: _Place) -> None:
        """Literals, and strings that are one expression from their start to their end."""
        if isinstance(value, Mapping):
            for item in value.values():
                self._value(item, place)
        elif isinstance(value, list):
            for item in value:
                self._value(item, place)
        elif isinstance(value, str):
            self._text(value, place)

    def _text(self, text: str, place: _Place) -> None:
        if len(text.encode()) > MAX_STRING_BYTES:
            self._say(f"a string has {len(text.encode())} bytes")
        if "${" not in text:
            return
        if len(text) > MAX_EXPRESSION:
            self._say(f"an expression has {len(text)} characters")
        elif problem := problem_of(text, place.readable):
            self._say(f"{text}: {problem}")


def _written(branch: object, shared: set[str]) -> set[str]:
    """The shared variables that a branch writes."""
    results = {body["result"] for _, body in _steps_in({"branches": [branch]}) if "result" in body}
    assigned = {
        re.split(r"\W", target)[0]
        for _, body in _steps_in({"branches": [branch]})
        for assignment in body.get("assign", ())
        for target in assignment
    }
    return (results | assigned) & shared
