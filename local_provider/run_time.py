"""The run time as a resource: created is started, updated is started again in place, deleted is stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field
from pulumi.provider.experimental.provider import CheckFailure
from pulumi.runtime.rpc import UNKNOWN

from local_provider import running
from local_provider.errors import LocalError, UnhealthyError
from local_provider.properties import Plain
from local_provider.resource import Kind, Place
from local_runtime.declarations import Declaration
from local_runtime.errors import PortTakenError
from local_runtime.home import Home

RUNNING = "running"
CHANGES_WITH_EACH_START = ("pid", "instance")


class Inputs(Declaration, frozen=True, kw_only=True):
    """`declarations` and `code` are digests of what the run time reads when it starts."""

    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    declarations: dict[str, str] = field(default_factory=dict)
    code: str = ""


class RunTime(Kind):
    """Every start keeps the port; the database and whatever waits in it stay as they are."""

    name = "runtime"
    struct: type[msgspec.Struct] = Inputs
    reuses_place = True

    def __init__(self, declared: Mapping[str, Kind], cancelled: Event) -> None:
        self._declared = declared
        self._cancelled = cancelled

    def first_failures(self, inputs: Plain) -> Iterator[CheckFailure]:
        """Told before anything is made; a run time that an interrupted `up` left in the home is stopped by `create`."""
        port = inputs.get("port", 0)
        if port and not running.is_alive(Home(Path(inputs["home"]))) and not running.comes_free(port):
            yield CheckFailure("port", str(PortTakenError(port)))

    def preview(self, inputs: Plain, state: Plain | None) -> Plain:
        fresh = dict.fromkeys(CHANGES_WITH_EACH_START, UNKNOWN)
        port = _port(inputs, state) or UNKNOWN
        url = UNKNOWN if port == UNKNOWN else f"http://127.0.0.1:{port}"
        return {"digest": self.digest(inputs), "status": RUNNING, "url": url, **fresh}

    def create(self, inputs: Plain) -> Plain:
        home = Place.of(self.name, inputs).home
        order = running.Order(home, inputs["port"], inputs["log_level"], self._followed(home, inputs))
        running.stop(home, self._cancelled)
        if order.port and not running.comes_free(order.port):
            raise LocalError(str(PortTakenError(order.port)))
        try:
            started = running.start(order, self._cancelled)
        except LocalError:
            running.forget(home)  # nobody would: the engine deletes only what it knows to be there
            raise
        return {"digest": self.digest(inputs), "status": RUNNING, **_outputs(started)}

    def read(self, place: Place, state: Plain) -> Plain | None:
        if not state:
            raise LocalError("a run time is not imported: declare it, and `pulumi up` starts it again as its own")
        status, problem = _condition(place.home, state)
        found = {**state, "status": status}
        if problem:
            raise UnhealthyError(f"{problem}; `pulumi up` starts it again", found)
        return found

    def update(self, state: Plain, inputs: Plain) -> Plain:
        """Once the old one has ended, a failure is recorded in the state: the next `up` starts it again."""
        home = Place.of(self.name, inputs).home
        port = _port(inputs, state)
        if port and port != _port_of(state) and running.is_taken(port):
            raise LocalError(str(PortTakenError(port)))
        followed = self._followed(home, inputs)
        running.stop(home, self._cancelled, _known(state))
        if not inputs["port"] and not running.comes_free(port):
            port = 0
        try:
            started = running.start(running.Order(home, port, inputs["log_level"], followed), self._cancelled)
        except LocalError as error:
            outputs = {name: state[name] for name in ("url", *CHANGES_WITH_EACH_START)}
            raise UnhealthyError(str(error), {**outputs, "digest": self.digest(inputs), "status": "stopped"}) from None
        return {"digest": self.digest(inputs), "status": RUNNING, **_outputs(started)}

    def delete(self, state: Plain) -> None:
        home = Place.of(self.name, state).home
        running.stop(home, self._cancelled, _known(state))
        running.forget(home)

    def is_sick(self, state: Plain) -> list[str]:
        return [] if state.get("status") == RUNNING else ["status"]

    def _followed(self, home: Home, inputs: Plain) -> list[str]:
        """Names by digest, so that only what was declared counts; LocalError if some of it is not there."""
        found = dict(self._digests(home))
        for name, digest in inputs["declarations"].items():
            if name.partition("/")[0] in self._declared and digest not in found:
                raise LocalError(f"{name} is not in {home.root} as declared: run `pulumi refresh`, then `pulumi up`")
        wanted = set(inputs["declarations"].values())
        return sorted(name for digest, name in found.items() if digest in wanted)

    def _digests(self, home: Home) -> Iterator[tuple[str, str]]:
        for path in home.declarations.glob("*/*.json"):
            kind = self._declared.get(path.parent.name)
            found = kind.read(Place(home, kind.name, path.stem), {}) if kind else None
            if kind and found:
                yield found["digest"], f"{kind.name}/{path.stem}"


def _condition(home: Home, state: Plain) -> tuple[str, str | None]:
    """The status, and what is wrong if something is."""
    found = running.find(home)
    if found is None:
        if running.is_orphan(home, known := _known(state)):
            return "orphaned", f"the run time with pid {known.pid} still runs, though {home.root} was removed under it"
        if not running.is_taken(port := _port_of(state)):
            return "stopped", "the run time is not running"
        return "port-taken", f"the run time is not running, and {PortTakenError(port)}"
    if not running.answers(found):
        return "unresponsive", f"the run time with pid {found.pid} does not answer"
    if found.instance != state["instance"]:
        return "restarted", "the run time was started by someone else, with whatever was declared then"
    return RUNNING, None


def _known(state: Plain) -> running.RunTime:
    return running.RunTime(**{name: state[name] for name in ("url", *CHANGES_WITH_EACH_START)})


def _port(inputs: Plain, state: Plain | None) -> int:
    """The declared one; where any will do, the one that it had."""
    port: int = inputs["port"]
    return port or (_port_of(state) if state else 0)


def _port_of(state: Plain) -> int:
    return running.port_of(state["url"])


def _outputs(started: running.RunTime) -> Plain:
    return {"url": started.url, "pid": started.pid, "instance": started.instance}
