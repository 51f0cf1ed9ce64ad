"""The provider as the engine sees it: refuses what the cloud's own would refuse, and hands the rest to a cloud."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

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
from tests.engine.simulated.cloud import Asked, Cloud, Found
from tests.engine.simulated.shapes import Shapes
from tests.engine.simulated.upload import digests, paths, uploads
from tests.engine.simulated.vendor import Vendor
from tests.registration import Registration, Speaker, speaker


class SimulatedProvider(Provider):
    def __init__(self, vendor: Vendor, cloud: Cloud) -> None:
        self._vendor, self._cloud = vendor, cloud
        self._shapes, self._speaker = Shapes(vendor), _speaking_for(vendor)
        self._configuration: Plain = {}

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
        self._configuration = {name: _decoded(value) for name, value in plain(request.args).items()}
        return ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def get_schema(self, request: GetSchemaRequest) -> GetSchemaResponse:
        return GetSchemaResponse(schema=json.dumps({"name": self._vendor.package, "version": self._vendor.version}))

    async def cancel(self) -> None:
        """Nothing here takes long enough to be cancelled."""

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        answer = self._speaker.invoked(request.tok, plain(request.args), self._configuration)
        return InvokeResponse(return_value=wrap(answer))

    async def check(self, request: CheckRequest) -> CheckResponse:
        given = plain(request.new_inputs)
        inputs = {**given, **{name: found.value for name, found in uploads(given).items()}}
        asked = Registration(
            type=_type(request.urn), name=_name(request.urn), inputs=inputs, provider=self._configuration
        )
        # beside a property's name the engine would show its value, which may be a secret
        failures = [CheckFailure("", problem) for problem in self._speaker.problems(asked)]
        return CheckResponse(inputs=request.new_inputs, failures=failures)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        type_token = _type(request.urn)
        old = self._shapes.given(type_token, digests(plain(request.old_state)))
        new = self._shapes.given(type_token, digests(plain(request.new_inputs)))
        changed = [name for name in sorted(self._considered(type_token, old, new)) if old.get(name) != new.get(name)]
        replaces = [name for name in changed if name in self._vendor.immutable(type_token)]
        given = {name: new.get(name) for name in changed}
        return DiffResponse(
            changes=bool(changed),
            replaces=replaces,
            delete_before_replace=bool(replaces) and self._vendor.deletes_first(type_token, changed),
            diffs=changed,
            detailed_diff=differences.detailed(old, given, replaces=replaces),
        )

    async def create(self, request: CreateRequest) -> CreateResponse:
        if request.preview:
            return CreateResponse(properties=self._foreseen(request.urn, request.properties, {}))
        asked = self._asked(request.urn, request.properties)
        found = await asyncio.to_thread(self._cloud.create, asked)
        return CreateResponse(resource_id=found.id, properties=self._outputs(asked, request.properties, found))

    async def read(self, request: ReadRequest) -> ReadResponse:
        found = await asyncio.to_thread(self._cloud.read, _type(request.urn), request.resource_id)
        if found is None:
            return ReadResponse()
        inputs = wrap_like(_with_uploads(found.inputs, request.inputs), request.inputs)
        asked = self._asked(request.urn, inputs)
        return ReadResponse(resource_id=found.id, properties=self._outputs(asked, inputs, found), inputs=inputs)

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        if request.preview:
            return UpdateResponse(properties=self._foreseen(request.urn, request.news, request.olds))
        asked = self._asked(request.urn, request.news)
        found = await asyncio.to_thread(self._cloud.update, asked, request.resource_id)
        return UpdateResponse(properties=self._outputs(asked, request.news, found))

    async def delete(self, request: DeleteRequest) -> None:
        await asyncio.to_thread(self._cloud.delete, _type(request.urn), request.resource_id)

    def _asked(self, urn: str, properties: Properties) -> Asked:
        given = plain(properties)
        return Asked(
            type=_type(urn),
            name=_name(urn),
            inputs=digests(given),
            provider=self._configuration,
            files=paths(given),
        )

    def _considered(self, type_token: str, old: Plain, new: Plain) -> set[str]:
        """What was left out is a change, unless the provider computes it when it is not given."""
        computed = self._vendor.computed_names(type_token)
        return set(new) | {name for name in old if name in sdk.input_names(type_token) and name not in computed}

    def _outputs(self, asked: Asked, inputs: Properties, found: Found) -> Properties:
        """What was given and what came of it."""
        computed = wrap({**found.computed, **self._vendor.added(asked, found)})
        made = {**computed, **self._shapes.made(asked.type, inputs, computed)}
        hidden = secret_names(inputs)
        return {name: value.with_secret(True) if name in hidden else value for name, value in made.items()}

    def _foreseen(self, urn: str, inputs: Properties, before: Properties) -> Properties:
        """What a preview can know: what is given and what does not change. What is missing, the SDK holds for unknown,
        but for what is missing in the midst of what is given.
        """
        type_token = _type(urn)
        anew, given = self._vendor.computed_anew.get(type_token, ()), sdk.input_names(type_token)
        kept = {name: value for name, value in before.items() if name not in given and name not in anew}
        return {**kept, **self._shapes.foreseen(type_token, inputs, before)}


def _speaking_for(vendor: Vendor) -> Speaker:
    found = speaker(vendor.package)
    if found is None:
        raise LookupError(f"nobody speaks for {vendor.package}: see tests/registration.py")
    return found


def _decoded(value: Any) -> Any:  # noqa: ANN401 JSON
    """Whatever of a provider's configuration is no text is JSON on its way."""
    return json.loads(value) if isinstance(value, str) and value.startswith(("{", "[")) else value


def _type(urn: str) -> str:
    """A child's URN carries its parents' types before its own."""
    return urn.split("::")[2].rpartition("$")[2]


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _with_uploads(inputs: Mapping[str, Any], originals: Properties) -> Plain:
    """A cloud knows digests alone: what is still the same has the place that it came from, anything else has none."""
    known = {name: found for name, found in uploads(plain(originals)).items() if name in inputs}
    return {**inputs, **{name: found.with_digest(inputs[name]).text for name, found in known.items()}}
