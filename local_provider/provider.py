"""The provider as the engine sees it: each request goes to the kind that its type token names, in plain values."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path, PurePath
from threading import Event

import msgspec
from pulumi.provider.experimental.provider import (
    CheckFailure,
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    ConfigureResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    GetSchemaRequest,
    GetSchemaResponse,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)

from local_provider import checks, differences
from local_provider.bucket import Bucket
from local_provider.database import Database
from local_provider.declarations import Declared
from local_provider.errors import LocalError, UnhealthyError
from local_provider.issuer import Issuer
from local_provider.owner import Owner, Owners
from local_provider.properties import Plain, Properties, is_known, plain, secret_names, wrap, wrap_like
from local_provider.resource import Kind, Place
from local_provider.run_time import RunTime
from local_provider.secret import Secret
from local_runtime.declarations import KINDS
from local_runtime.home import Home

PACKAGE = "local"


class LocalProvider(Provider):
    """Blocking work is done in threads, so that the engine's requests run side by side and can be cancelled."""

    def __init__(self) -> None:
        self._cancelled = Event()
        self._kinds = _kinds(self._cancelled)
        self._owners = Owners()

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
        return ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def get_schema(self, request: GetSchemaRequest) -> GetSchemaResponse:
        return GetSchemaResponse(schema=msgspec.json.encode({"name": PACKAGE, "version": "0.1.0"}).decode())

    async def cancel(self) -> None:
        self._cancelled.set()

    async def check(self, request: CheckRequest) -> CheckResponse:
        kind, inputs = self._kind(request.type), plain(request.new_inputs)
        secrets = kind.secrets | secret_names(request.new_inputs)
        home = inputs.pop("home", None)
        found = [*self._home_failures(home, request), *checks.failures(kind.struct, inputs, secrets)]
        known = {name: value for name, value in inputs.items() if is_known(value)}
        if not found:
            found = list(kind.further_failures(known))
        if not found and not request.old_inputs:
            found = list(await asyncio.to_thread(lambda: list(kind.first_failures({"home": home, **known}))))
        if found:
            return CheckResponse(inputs=request.new_inputs, failures=found)
        complete = {"home": home, **checks.with_defaults(kind.struct, inputs)}
        return CheckResponse(inputs=_with_secrets(wrap_like(complete, request.new_inputs), secrets))

    async def diff(self, request: DiffRequest) -> DiffResponse:
        kind, old, new = self._kind(request.type), plain(request.old_state), plain(request.new_inputs)
        frozen = ("home", *kind.replaces)
        details = differences.detailed(old, new, replaces=frozen)
        changed = [name for name in new if old.get(name) != new[name]]
        replaces = [name for name in changed if name in frozen]
        sick = kind.is_sick(old)
        return DiffResponse(
            changes=bool(changed or sick),
            replaces=replaces,
            stables=list(frozen),
            delete_before_replace=bool(replaces) and kind.reuses_place,
            diffs=[*changed, *sick],
            detailed_diff=details,
        )

    async def create(self, request: CreateRequest) -> CreateResponse:
        kind, inputs = self._kind(request.type), plain(request.properties)
        if request.preview:
            return CreateResponse(properties=_outputs(kind, request.properties, kind.preview(inputs, None)))
        made = await asyncio.to_thread(self._change, request.urn, kind.create, inputs, is_recorded=False)
        resource_id = str(Place.of(kind.name, inputs))
        return CreateResponse(resource_id=resource_id, properties=_outputs(kind, request.properties, made))

    async def read(self, request: ReadRequest) -> ReadResponse:
        kind = self._kind(request.type)
        place, state = Place.parse(kind.name, request.resource_id), plain(request.properties)
        try:
            found = await asyncio.to_thread(kind.read, place, state)
        except UnhealthyError as error:
            raise UnhealthyError(str(error), _read(kind, request, error.outputs).__dict__) from None
        return ReadResponse() if found is None else _read(kind, request, found)

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        kind, state, inputs = self._kind(request.type), plain(request.olds), plain(request.news)
        if request.preview:
            return UpdateResponse(properties=_outputs(kind, request.news, kind.preview(inputs, state)))
        try:
            made = await asyncio.to_thread(
                self._change, request.urn, lambda news: kind.update(state, news), inputs, is_recorded=True
            )
        except UnhealthyError as error:
            raise UnhealthyError(str(error), {"properties": _outputs(kind, request.news, error.outputs)}) from None
        return UpdateResponse(properties=_outputs(kind, request.news, made))

    async def delete(self, request: DeleteRequest) -> None:
        kind = self._kind(request.type)
        await asyncio.to_thread(self._delete, request.urn, kind, plain(request.properties))

    def _kind(self, type_token: str) -> Kind:
        """A child's URN carries its parents' types before its own."""
        token = type_token.rpartition("$")[2]
        kind = self._kinds.get(token)
        if kind is None:
            raise LocalError(f"{token} is no type of the provider {PACKAGE}; there is {', '.join(self._kinds)}")
        return kind

    def _change(self, urn: str, operation: Callable[[Plain], Plain], inputs: Plain, *, is_recorded: bool) -> Plain:
        if self._cancelled.is_set():
            raise LocalError("not begun, since the update was cancelled")
        home = Home(Path(inputs["home"]))
        with self._owners.at_work(home, Owner.of(urn), claims=True, is_recorded=is_recorded):
            return operation(inputs)

    def _delete(self, urn: str, kind: Kind, state: Plain) -> None:
        """A home that has become another's is refused: nothing in it is this stack's to delete."""
        with self._owners.at_work(Home(Path(state["home"])), Owner.of(urn), claims=False, is_recorded=True):
            kind.delete(state)

    def _home_failures(self, home: object, request: CheckRequest) -> list[CheckFailure]:
        if problem := _problem_of(home):
            return [CheckFailure("home", problem)]
        is_recorded = plain(request.old_inputs).get("home") == home
        objection = self._owners.objection(Home(Path(str(home))), Owner.of(request.urn), is_recorded=is_recorded)
        return [CheckFailure("home", objection)] if objection else []


def _kinds(cancelled: Event) -> dict[str, Kind]:
    declared: dict[str, Kind] = {name: Declared(declaration) for name, declaration in KINDS.items()}
    declared |= {"Database": Database(), "Bucket": Bucket()}
    run_time = RunTime({kind.name: kind for kind in declared.values()}, cancelled)
    kinds = {**declared, "Secret": Secret(), "Issuer": Issuer(), "RunTime": run_time}
    return {f"{PACKAGE}:index:{name}": kind for name, kind in kinds.items()}


def _problem_of(home: object) -> str | None:
    if home is None:
        return "is missing: set it to the system's folder"
    if not isinstance(home, str) or not is_known(home):
        return "has to be a text that is known before `up`: set it to the system's folder"
    if not PurePath(home).is_absolute() or ".." in PurePath(home).parts:
        return f'"{home}" is not allowed: write the path from the root on, without ".."'
    return None


def _outputs(kind: Kind, inputs: Properties, made: Plain) -> Properties:
    """What was declared and what came of it; a digest of something secret is one itself."""
    hides = bool(secret_names(inputs) - kind.secrets)
    outputs = wrap(made)
    return {**inputs, **_with_secrets(outputs, frozenset({"digest"}) if hides else frozenset())}


def _read(kind: Kind, request: ReadRequest, found: Plain) -> ReadResponse:
    properties = _with_secrets(wrap_like(found, request.properties), kind.secrets)
    declared = {"home", *checks.fields(kind.struct)}
    inputs = {name: value for name, value in properties.items() if name in declared}
    return ReadResponse(resource_id=request.resource_id, properties=properties, inputs=inputs)


def _with_secrets(properties: Properties, names: frozenset[str]) -> Properties:
    return {name: value.with_secret(True) if name in names else value for name, value in properties.items()}
