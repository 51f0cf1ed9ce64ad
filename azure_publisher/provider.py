"""The provider as the engine sees it: a package whose digest has changed is published, and nothing else is done."""

from __future__ import annotations

import asyncio
from threading import Event

import msgspec
from pulumi.provider.experimental.provider import (
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
from pulumi.runtime.rpc import UNKNOWN

from azure_publisher.credential import Tokens
from azure_publisher.errors import PublishError
from azure_publisher.package import Package
from azure_publisher.site import Sites
from local_provider import checks, differences
from local_provider.properties import Properties, plain, secret_names, wrap

NAME = "azurepublisher"
PUBLISHES = ("digest", "address")
"""What a package is, and where its app takes it; not where it lies on the machine that deploys."""
REPLACES = ("app",)


class AzurePublisher(Provider):
    """Packages are sent in threads, so that many apps take theirs side by side and all can be cancelled."""

    def __init__(self, sites: Sites | None = None) -> None:
        self._sites = sites or Sites(Tokens(), Event())

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
        return ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def get_schema(self, request: GetSchemaRequest) -> GetSchemaResponse:
        return GetSchemaResponse(schema=msgspec.json.encode({"name": NAME, "version": "0.1.0"}).decode())

    async def cancel(self) -> None:
        self._sites.cancelled.set()

    async def check(self, request: CheckRequest) -> CheckResponse:
        found = list(checks.failures(Package, plain(request.new_inputs), secret_names(request.new_inputs)))
        return CheckResponse(inputs=request.new_inputs, failures=found)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        old, new = plain(request.old_state), plain(request.new_inputs)
        changed = [name for name in (*REPLACES, *PUBLISHES) if old.get(name) != new[name]]
        return DiffResponse(
            changes=bool(changed),
            replaces=[name for name in changed if name in REPLACES],
            stables=list(REPLACES),
            delete_before_replace=False,
            diffs=changed,
            detailed_diff=differences.detailed(old, {name: new[name] for name in changed}, replaces=REPLACES),
        )

    async def create(self, request: CreateRequest) -> CreateResponse:
        if request.preview:
            return CreateResponse(properties=_outputs(request.properties, UNKNOWN))
        published = await self._published(request.properties)
        return CreateResponse(resource_id=plain(request.properties)["app"], properties=published)

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        if request.preview:
            return UpdateResponse(properties=_outputs(request.news, UNKNOWN))
        return UpdateResponse(properties=await self._published(request.news))

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Gone with its app, so that the next `up` publishes it to the one that takes its place."""
        address = plain(request.properties).get("address")
        if address is None:
            raise PublishError("a package cannot be imported: declare it, and `pulumi up` publishes it")
        if not await asyncio.to_thread(self._sites.exists, address):
            return ReadResponse()
        return ReadResponse(request.resource_id, request.properties, request.inputs)

    async def delete(self, request: DeleteRequest) -> None:
        """What an app runs goes with the app."""

    async def _published(self, inputs: Properties) -> Properties:
        if self._sites.cancelled.is_set():
            raise PublishError("not begun, since the update was cancelled")
        package = msgspec.convert(plain(inputs), Package)
        return _outputs(inputs, await asyncio.to_thread(self._sites.publish, package))


def _outputs(inputs: Properties, deployment: str) -> Properties:
    return {**inputs, **wrap({"deployment": deployment})}
