"""Functions are called with what they were declared with, within their time, and never take the pool down."""

from __future__ import annotations

import json
import logging
import sqlite3
import stat
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

from functions import logs
from local_runtime.client import Context, PermissionDeniedError
from local_runtime.declarations import Function, Grant
from local_runtime.errors import RunTimeError
from local_runtime.functions import Functions, FunctionTimeoutError, HandlerError
from local_runtime.home import Home
from local_runtime.permissions import GrantedClient
from local_runtime.pool import WorkerPool
from local_runtime.store import Store
from tests.unit.local_runtime.fakes import Published, entry, eventually, functions


def test_a_handler_gets_the_event_and_its_own_context() -> None:
    def greet(event: str, context: Context) -> tuple[str, str, bool]:
        return event, context.function, bool(context.request_id)

    assert functions({"greet": greet}).call("greet", "hello") == ("hello", "greet", True)


def test_what_a_handler_logs_names_its_function(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caplog.handler, "formatter", logs.JsonFormatter(function="run-time", stage="dev"))
    functions({"greet": lambda *_: logging.getLogger("shop").warning("hello")}).call("greet", None)
    assert json.loads(caplog.text)["function"] == "greet"


def test_what_a_handler_raises_reaches_the_caller_and_is_counted() -> None:
    def fail(_: object, __: object) -> None:
        raise TimeoutError("the partner's, not ours")

    calls = functions({"fail": fail})
    with pytest.raises(TimeoutError, match="the partner's"):
        calls.call("fail", None)
    assert (calls.recent_errors(), calls.recent_errors("fail"), calls.recent_errors("other")) == (1, 1, 0)


def test_a_handler_that_does_not_return_in_time_is_given_up() -> None:
    release = threading.Event()
    calls = functions({"hang": lambda *_: release.wait(10)}, timeout_seconds=1)
    with pytest.raises(FunctionTimeoutError, match="function hang did not return within 1 s"):
        calls.call("hang", None)
    assert calls.hung() == 1
    release.set()
    eventually(lambda: calls.hung() == 0, "the thread ends")


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        ("no_such_module:run", "handler no_such_module:run cannot be loaded"),
        ("json:no_such_name", "handler json:no_such_name cannot be loaded"),
        ("json:decoder", "handler json:decoder is not callable"),
    ],
)
def test_a_handler_that_does_not_exist_is_named_before_anything_is_called(handler: str, message: str) -> None:
    calls = Functions({"f": Function(name="f", handler=handler)}, lambda _: None, background=1, api=1)  # type: ignore[arg-type,return-value]
    with pytest.raises(HandlerError, match=f"function f: {message}"):
        calls.load()


def test_the_pool_runs_no_more_than_its_size_at_a_time() -> None:
    pool, running, release = WorkerPool("test", 2), threading.Semaphore(0), threading.Event()

    def work() -> None:
        running.release()
        assert release.wait(10)

    futures = [pool.submit(work) for _ in range(3)]
    assert running.acquire(timeout=5)
    assert running.acquire(timeout=5)
    assert not running.acquire(timeout=0.05)
    release.set()
    for future in futures:
        future.result(5)


def test_a_hung_call_gives_its_place_to_the_next_one() -> None:
    pool, release = WorkerPool("test", 1), threading.Event()
    started = threading.Event()

    def hang() -> None:
        started.set()
        assert release.wait(10)

    hung = pool.submit(hang)
    assert started.wait(5)
    waiting: Future[int] = pool.submit(lambda: 7)
    pool.give_up(hung)
    assert waiting.result(5) == 7
    release.set()


def test_a_call_that_is_given_up_before_its_turn_never_starts() -> None:
    pool, release, started = WorkerPool("test", 1), threading.Event(), threading.Event()
    first = pool.submit(lambda: release.wait(10))
    second = pool.submit(started.set)
    pool.give_up(second)
    release.set()
    first.result(5)
    assert pool.submit(lambda: 1).result(5) == 1
    assert not started.is_set()


ALL = [
    Grant(verb="read", resource="database/orders"),
    Grant(verb="write", resource="database/orders"),
    Grant(verb="publish", resource="bus/orders"),
    Grant(verb="start", resource="workflow/order"),
    Grant(verb="read", resource="secret/key"),
    Grant(verb="write", resource="bucket/archive"),
]


class Started:
    def __init__(self) -> None:
        self.runs: list[str] = []

    def start(self, run_id: str, _: object) -> bool:
        self.runs.append(run_id)
        return True


def client(store: Store, root: Path, *grants: Grant) -> GrantedClient:
    function = Function(name="f", handler="m:f", grants=list(grants))
    return GrantedClient(function, store=store, publisher=Published(), workflows={"order": Started()}, home=Home(root))


def insert(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO change_feed (body) VALUES (x'00')")


def test_a_granted_function_may_do_what_it_was_granted(store: Store, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key").write_text("s3cret")
    granted = client(store, tmp_path, *ALL)
    bell = store.listen("database")
    granted.write("orders", insert)
    assert bell.is_set()
    assert granted.read("orders", lambda c: c.execute("SELECT count(*) FROM change_feed").fetchone()[0]) == 1
    assert granted.start("order", "ord_1", {})
    assert granted.secret("key") == "s3cret"
    granted.publish("bus/orders", [entry("a")])
    granted.put_object("archive", "2026/11/a.json", b"{}")
    written = tmp_path / "buckets" / "archive" / "2026" / "11" / "a.json"
    assert written.read_bytes() == b"{}"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert [path.name for path in written.parent.iterdir()] == ["a.json"]


def test_a_function_may_do_nothing_that_it_was_not_granted(store: Store, tmp_path: Path) -> None:
    refused = client(store, tmp_path, Grant(verb="read", resource="database/other"))
    for attempt, what in (
        (lambda: refused.read("orders", bool), "read database/orders"),
        (lambda: refused.write("orders", insert), "write database/orders"),
        (lambda: refused.write("other", insert), "write database/other"),
        (lambda: refused.publish("bus/orders", [entry("a")]), "publish bus/orders"),
        (lambda: refused.start("order", "ord_1", {}), "start workflow/order"),
        (lambda: refused.secret("key"), "read secret/key"),
        (lambda: refused.put_object("archive", "a", b""), "write bucket/archive"),
    ):
        with pytest.raises(PermissionDeniedError, match=f"function f may not {what}: grant it"):
            attempt()
    assert store.read(lambda c: c.execute("SELECT count(*) FROM change_feed").fetchone()[0]) == 0


@pytest.mark.parametrize("key", ["../escape", "/etc/passwd", "a//b", "", "a/./b", "a\0b"])
def test_an_object_key_never_leaves_its_bucket(store: Store, tmp_path: Path, key: str) -> None:
    with pytest.raises(RunTimeError, match="is not a relative path"):
        client(store, tmp_path, *ALL).put_object("archive", key, b"")


def test_a_secret_without_a_value_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(RunTimeError, match="secret key has no value here"):
        client(store, tmp_path, *ALL).secret("key")
