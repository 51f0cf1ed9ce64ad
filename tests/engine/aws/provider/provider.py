"""The provider as the engine sees it: refuses what AWS's would refuse, and hands the rest to a cloud."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeGuard

import pulumi
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
    InvokeRequest,
    InvokeResponse,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)

from local_provider import differences
from local_provider.properties import Plain, Properties, plain, secret_names, wrap, wrap_like
from tests import sdk
from tests.aws import outputs, shapes
from tests.engine.aws.provider.cloud import Asked, Cloud, Found
from tests.engine.aws.provider.immutable import immutable, physical_name_of
from tests.engine.aws.provider.servicer import MARK

FUNCTION = "aws:lambda/function:Function"
ANEW = {FUNCTION: ("version", "qualifiedArn", "qualifiedInvokeArn", "codeSha256", "lastModified")}
"""What an update computes anew, so that a preview cannot know it."""


class AwsProvider(Provider):
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._place = outputs.Place()
        self._tags: Mapping[str, str] = {}

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
        arguments = plain(request.args)
        self._place = outputs.Place(region=arguments.get("region", outputs.REGION))
        defaults = arguments.get("defaultTags", {})
        self._tags = (json.loads(defaults) if isinstance(defaults, str) else defaults).get("tags", {})
        return ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def get_schema(self, request: GetSchemaRequest) -> GetSchemaResponse:
        return GetSchemaResponse(schema=json.dumps({"name": "aws", "version": "7.51.1"}))

    async def cancel(self) -> None:
        """Nothing here takes long enough to be cancelled."""

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        return InvokeResponse(return_value=wrap(outputs.invoked(request.tok, self._place)))

    async def check(self, request: CheckRequest) -> CheckResponse:
        inputs = {**plain(request.new_inputs), **_archives(request.new_inputs)}
        found = shapes.problems(_type(request.urn), inputs)
        # beside a property's name the engine would show its value, which may be a secret
        failures = [CheckFailure("", str(problem)) for problem in found]
        return CheckResponse(inputs=request.new_inputs, failures=failures)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        type_token = _type(request.urn)
        old, new = _as_compared(plain(request.old_state)), _plain(request.new_inputs)
        changed = [name for name in sorted(_considered(type_token, old, new)) if old.get(name) != new.get(name)]
        replaces = [name for name in changed if name in immutable(type_token)]
        given = {name: new.get(name) for name in changed}
        return DiffResponse(
            changes=bool(changed),
            replaces=replaces,
            delete_before_replace=bool(replaces) and not _is_renamed(type_token, changed),
            diffs=changed,
            detailed_diff=differences.detailed(old, given, replaces=replaces),
        )

    async def create(self, request: CreateRequest) -> CreateResponse:
        if request.preview:
            return CreateResponse(properties=request.properties)
        found = await asyncio.to_thread(self._cloud.create, self._asked(request.urn, request.properties))
        return CreateResponse(resource_id=found.id, properties=self._outputs(request.urn, request.properties, found))

    async def read(self, request: ReadRequest) -> ReadResponse:
        found = await asyncio.to_thread(self._cloud.read, _type(request.urn), request.resource_id)
        if found is None:
            return ReadResponse()
        archives = {name: value for name, value in request.inputs.items() if _is_archive(value.value)}
        inputs = {**wrap_like(found.inputs, request.inputs), **archives}
        return ReadResponse(resource_id=found.id, properties=self._outputs(request.urn, inputs, found), inputs=inputs)

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        if request.preview:
            anew = ANEW.get(_type(request.urn), ())
            kept = {name: value for name, value in request.olds.items() if name not in anew}
            return UpdateResponse(properties={**_computed(request.urn, kept), **request.news})
        asked = self._asked(request.urn, request.news)
        found = await asyncio.to_thread(self._cloud.update, asked, request.resource_id)
        return UpdateResponse(properties=self._outputs(request.urn, request.news, found))

    async def delete(self, request: DeleteRequest) -> None:
        await asyncio.to_thread(self._cloud.delete, _type(request.urn), request.resource_id)

    def _asked(self, urn: str, properties: Properties) -> Asked:
        return Asked(
            type=_type(urn),
            logical_name=urn.rpartition("::")[2],
            place=self._place,
            inputs=_plain(properties),
            files=_paths(properties),
        )

    def _outputs(self, urn: str, inputs: Properties, found: Found) -> Properties:
        """What was given and what came of it; the tags of the provider are on everything that has tags."""
        computed = dict(found.computed)
        if "tagsAll" in sdk.computed_names(_type(urn)):
            computed["tagsAll"] = {**self._tags, **found.inputs.get("tags", {})}
        if "code" in found.inputs:
            computed["codeSha256"] = found.inputs["code"]
        made = {**wrap(computed), **inputs}
        hidden = secret_names(inputs)
        return {name: value.with_secret(True) if name in hidden else value for name, value in made.items()}


def _type(urn: str) -> str:
    """A child's URN carries its parents' types before its own."""
    return urn.split("::")[2].rpartition("$")[2]


def _plain(properties: Properties) -> Plain:
    """An archive is its digest, so that one at another place is no other."""
    return {name: _archive(value)["hash"] if _is_archive(value) else value for name, value in plain(properties).items()}


def _archives(properties: Properties) -> dict[str, pulumi.FileArchive]:
    return {name: pulumi.FileArchive(str(path)) for name, path in _paths(properties).items()}


def _paths(properties: Properties) -> dict[str, Path]:
    return {name: Path(_archive(value)["path"]) for name, value in plain(properties).items() if _is_archive(value)}


def _is_archive(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.startswith(MARK)


def _archive(marked: str) -> dict[str, str]:
    return dict(json.loads(marked.removeprefix(MARK)))


def _as_compared(old: Plain) -> Plain:
    """The state keeps an archive's path; what was in it then is known by its digest."""
    return {**old, "code": old["codeSha256"]} if "code" in old else old


def _considered(type_token: str, old: Plain, new: Plain) -> set[str]:
    """What was left out is a change, unless the provider computes it when it is not given."""
    computed = outputs.SHAPES[type_token].keys()
    return set(new) | {name for name in old if name in sdk.input_names(type_token) and name not in computed} - {
        "codeSha256"
    }


def _is_renamed(type_token: str, changed: list[str]) -> bool:
    """With another name the new resource can be made before the old one goes."""
    return physical_name_of(type_token) in changed


def _computed(urn: str, state: Properties) -> Properties:
    given = sdk.input_names(_type(urn))
    return {name: value for name, value in state.items() if name not in given}
