"""Google's APIs as one account reaches them: each call needs the permissions that Google documents for it.

Behind the doors are pstest and our fakes, which ask nobody who they are. What is neither a method that
tests/e2e/gcp/world/needs.py knows nor an upload is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, cast

import grpc

from tests.e2e.gcp.world.access import CREATE_OBJECT, Access
from tests.e2e.gcp.world.needs import METHODS, Needs
from tests.e2e.world.http import Asked, Listener, Reply, ask
from tests.e2e.world.records import Records
from tests.gcp.unpacked import addresses

THREADS = 16
SECONDS = 60


class Doors:
    """Entered, it makes a way through for each account that asks for one.

    `behind` has the address of each service of gRPC, by its name, and `storage_port` is Cloud Storage's.
    """

    def __init__(self, records: Records, access: Access, behind: Mapping[str, str], storage_port: int) -> None:
        self._records, self._access, self._behind, self._storage_port = records, access, behind, storage_port

    def __enter__(self) -> Self:
        self._open = ExitStack()
        self._channels = {
            name: self._open.enter_context(grpc.insecure_channel(address)) for name, address in self._behind.items()
        }
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def variables(self, account: str, names: Mapping[str, int]) -> Mapping[str, str]:
        """What leads a function of the account through its doors, and to these names of the internet."""
        door = self._open.enter_context(Door(account, self._access, self._channels)).address
        storage = StorageDoor(account, self._access, self._records, self._storage_port)
        uploads = self._open.enter_context(Listener(storage)).url
        return addresses(firestore=door, pubsub=door, executions=door, storage=uploads, names=names)


class Door(grpc.GenericRpcHandler):
    """Entered, it lets the account through at `address`; `behind` has the channel to each service, by its name."""

    def __init__(self, account: str, access: Access, behind: Mapping[str, grpc.Channel]) -> None:
        self._account, self._access, self._behind = account, access, behind

    def __enter__(self) -> Self:
        self._server = grpc.server(ThreadPoolExecutor(THREADS))
        self._server.add_generic_rpc_handlers((self,))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.stop(grace=None).wait()

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        name = str(details.method)
        method = METHODS.get(name)
        if method is None:
            return None
        channel = self._behind[name.split("/")[1]]
        passed: Any = channel.unary_stream(name) if method.is_stream else channel.unary_unary(name)

        def answers(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
            self._check(method.needed(request), context)
            try:
                answer = passed(request, timeout=SECONDS)
                yield from answer if method.is_stream else (answer,)
            except grpc.RpcError as error:
                refused = cast(grpc.Call, error)
                context.abort(refused.code(), str(refused.details()))

        if method.is_stream:
            return grpc.unary_stream_rpc_method_handler(answers)
        return grpc.unary_unary_rpc_method_handler(lambda request, context: next(answers(request, context)))

    def _check(self, needs: Needs, context: grpc.ServicerContext) -> None:
        for permission, resource in needs:
            if not self._access.allows(self._account, permission, on=resource):
                text = f"{self._account} lacks {permission} on {resource}"
                context.abort(grpc.StatusCode.PERMISSION_DENIED, text)


@dataclass(frozen=True)
class StorageDoor:
    """The way to Cloud Storage's fake at `port`: for uploads to the buckets that were recorded."""

    account: str
    access: Access
    records: Records
    port: int

    def __call__(self, asked: Asked) -> Reply:
        bucket = asked.path.partition("/b/")[2].partition("/")[0]
        if not self.access.allows(self.account, CREATE_OBJECT, on=bucket):
            return Reply(status=403, body=b'{"error": {"message": "lacks storage.objects.create"}}')
        if not any(each["name"] == bucket for each in self.records.of("storage.Bucket")):
            return Reply(status=404, body=b'{"error": {"message": "The specified bucket does not exist."}}')
        return ask(self.port, asked, seconds=SECONDS)
