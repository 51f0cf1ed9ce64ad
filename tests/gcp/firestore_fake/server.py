"""The calls of google.firestore.v1.Firestore that the fake answers, over a real socket."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias

import grpc
from google.cloud.firestore_v1 import types

from tests.gcp.firestore_fake import limits
from tests.gcp.firestore_fake.queries import Plan
from tests.gcp.firestore_fake.refusals import RefusedError, unimplemented
from tests.gcp.firestore_fake.store import Created, Store, Stored
from tests.gcp.firestore_fake.values import timestamp

THREADS = 32
MEETING_SECONDS = 30
Message: TypeAlias = Any
"""A protobuf message, whose class is made at run time."""
Watcher: TypeAlias = Callable[[str, Message, list[Message]], object]
"""Gets a call's method, its request and its answers."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a call is answered with in the place of its result; `after` it was done all the same."""

    method: str
    code: grpc.StatusCode
    after: bool = False


class FirestoreFake:
    """Entered, it serves one database of every project and name on a free port of this machine."""

    def __init__(self) -> None:
        self.store = Store()
        self.faults: deque[Fault] = deque()
        self.calls: list[str] = []
        """The methods that were called, in order."""
        self._watchers: list[Watcher] = []
        self._meetings: deque[threading.Barrier] = deque()

    def __enter__(self) -> Self:
        self._server = grpc.server(ThreadPoolExecutor(THREADS), options=[("grpc.max_receive_message_length", -1)])
        handlers = {
            name: self._handler(name, *parts) for name, parts in _methods(_Calls(self.store, self._meet)).items()
        }
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("google.firestore.v1.Firestore", handlers),)
        )
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.stop(grace=1).wait()

    def listen(self, listener: Callable[[Created], object]) -> None:
        """Tell of each document that is created from now on, in the order of the commits, before they are answered."""
        self.store.listen(listener)

    def watch(self, watcher: Watcher) -> None:
        """Tell of each call when it is answered, one after the other; a call that was refused has no answers."""
        self._watchers.append(watcher)

    def let_meet(self, commits: int) -> None:
        """The next so many commits are all under way before the first of them is done."""
        self._meetings.extend([threading.Barrier(commits)] * commits)

    def fail_next(self, method: str, code: grpc.StatusCode, *, after: bool = False) -> None:
        """The next call of that method that has no such fault before it."""
        self.faults.append(Fault(method=method, code=code, after=after))

    def _handler(
        self, name: str, request: type, answer: Callable[[Message], Iterator[Message]], is_stream: bool
    ) -> grpc.RpcMethodHandler[Message, Message]:
        def stream(message: Message, context: grpc.ServicerContext) -> Iterator[Message]:
            yield from self._answers(name, answer, message, context)

        def single(message: Message, context: grpc.ServicerContext) -> Message:
            (only,) = self._answers(name, answer, message, context)
            return only

        make = grpc.unary_stream_rpc_method_handler if is_stream else grpc.unary_unary_rpc_method_handler
        return make(
            stream if is_stream else single,
            request_deserializer=_raw(request).FromString,
            response_serializer=lambda message: message.SerializeToString(),
        )

    def _answers(
        self, name: str, answer: Callable[[Message], Iterator[Message]], message: Message, context: grpc.ServicerContext
    ) -> list[Message]:
        begun = answer(message)
        with self.store.lock:
            self.calls.append(name)
            fault = next((each for each in self.faults if each.method == name), None)
            if fault:
                self.faults.remove(fault)
            try:
                answers = [] if fault and not fault.after else list(begun)
            except RefusedError as refused:
                self._tell(name, message, [])
                context.abort(refused.code, str(refused))
            self._tell(name, message, answers)
        if fault:
            context.abort(fault.code, "a fault that the test asked for")
        return answers

    def _tell(self, name: str, message: Message, answers: list[Message]) -> None:
        for watcher in self._watchers:
            watcher(name, message, answers)

    def _meet(self) -> None:
        try:
            # At one stroke: another thread may take the last seat between a look and this.
            meeting = self._meetings.popleft()
        except IndexError:
            return
        meeting.wait(MEETING_SECONDS)


@dataclass(frozen=True)
class _Calls:
    """Each takes a request and begins; whoever asks for the answers holds the store's lock."""

    store: Store
    meet: Callable[[], object]

    def batch_get(self, request: Message) -> Iterator[Message]:
        if request.HasField("mask") or request.WhichOneof("consistency_selector"):
            raise unimplemented("reading of some fields, of the past, or in a transaction")
        for name in dict.fromkeys(request.documents):
            root, path = name.split("/documents/", 1)
            found = self.store.get(path)
            answer = _raw(types.BatchGetDocumentsResponse)(read_time=timestamp(self.store.now()))
            if found:
                answer.found.CopyFrom(_document(found, f"{root}/documents"))
            else:
                answer.missing = name
            yield answer

    def run_query(self, request: Message) -> Iterator[Message]:
        if request.WhichOneof("consistency_selector"):
            raise unimplemented("a query of the past, or in a transaction")
        database, _, parent = request.parent.partition("/documents")
        root = f"{database}/documents"
        plan = Plan(parent.lstrip("/"), request.structured_query, root)
        read_time = timestamp(self.store.now())
        for found in plan.run(self.store.all()):
            yield _raw(types.RunQueryResponse)(document=_document(found, root), read_time=read_time)
        yield _raw(types.RunQueryResponse)(read_time=read_time)

    def commit(self, request: Message) -> Iterator[Message]:
        """What others do between this and its answer is in its way."""
        begun_after = self.store.commits
        self.meet()
        return self._committed(request, begun_after)

    def _committed(self, request: Message, begun_after: int) -> Iterator[Message]:
        if request.transaction:
            raise unimplemented("a commit of a transaction")
        limits.check_request(request)
        written, now = self.store.commit(request.writes, begun_after)
        results = [
            _raw(types.WriteResult)(update_time=timestamp(each.update_time), transform_results=each.transform_results)
            for each in written
        ]
        yield _raw(types.CommitResponse)(write_results=results, commit_time=timestamp(now))


def _methods(calls: _Calls) -> dict[str, tuple[type, Callable[[Message], Iterator[Message]], bool]]:
    """By name: the request, the answer, and whether it is a stream."""
    return {
        "BatchGetDocuments": (types.BatchGetDocumentsRequest, calls.batch_get, True),
        "RunQuery": (types.RunQueryRequest, calls.run_query, True),
        "Commit": (types.CommitRequest, calls.commit, False),
    }


def _document(stored: Stored, root: str) -> Message:
    return _raw(types.Document)(
        name=f"{root}/{stored.path}",
        fields=stored.fields,
        create_time=timestamp(stored.create_time),
        update_time=timestamp(stored.update_time),
    )


def _raw(message: Any) -> Any:  # noqa: ANN401
    """The class of protobuf itself behind one of the client's."""
    return message.pb(message()).__class__
