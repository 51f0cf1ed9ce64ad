"""What the provider answers to the engine's requests, in files of the test's own."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import (
    CheckRequest,
    CheckResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    PropertyDiffKind,
    ReadRequest,
    ReadResponse,
)
from pulumi.runtime.rpc import UNKNOWN

from local_provider.errors import LocalError
from local_provider.properties import Properties, plain, wrap
from local_provider.provider import LocalProvider
from local_runtime import store
from local_runtime.errors import PortTakenError
from local_runtime.home import Home
from local_runtime.listener import bind

SCHEMA = "functions.adapters.local/schema.sql"


def urn(kind: str) -> str:
    return f"urn:pulumi:test::orderly::orderly:local:Parent$local:index:{kind}::name"


def check(kind: str, inputs: Properties) -> CheckResponse:
    return asyncio.run(LocalProvider().check(CheckRequest(urn(kind), {}, inputs, b"")))


def diff(kind: str, old: dict[str, Any], new: dict[str, Any]) -> DiffResponse:
    return asyncio.run(LocalProvider().diff(DiffRequest(urn(kind), "id", wrap(old), wrap(new), [])))


def create(kind: str, inputs: Properties, *, preview: bool = False) -> CreateResponse:
    complete = check(kind, inputs).inputs or {}
    return asyncio.run(LocalProvider().create(CreateRequest(urn(kind), complete, 0, preview)))


def read(kind: str, resource_id: str) -> ReadResponse:
    return asyncio.run(LocalProvider().read(ReadRequest(urn(kind), resource_id, {}, {})))


def delete(kind: str, made: CreateResponse) -> None:
    asyncio.run(LocalProvider().delete(DeleteRequest(urn(kind), made.resource_id or "", made.properties, 0)))


@pytest.mark.parametrize(
    ("kind", "inputs", "field", "reason"),
    [
        ("Queue", {"max_receive_count": 0}, "max_receive_count", "0 is not allowed: expected `int` >= 1"),
        ("Queue", {"max_receive_count": "5"}, "max_receive_count", '"5" is not allowed: expected `int`'),
        ("Queue", {"visibility_timeout": 5}, "visibility_timeout", "did you mean visibility_timeout_seconds?"),
        ("Queue", {"name": "Not A Name"}, "name", '"Not A Name" is not allowed'),
        ("Queue", {"home": "relative"}, "home", "write the path from the root on"),
        ("Queue", {"home": "/a/../b"}, "home", 'without ".."'),
        ("Queue", {"home": None}, "home", "is missing"),
        ("Consumer", {"queue": "work"}, "function", "is missing"),
        ("Function", {"handler": "no colon"}, "handler", '"no colon" is not allowed'),
        (
            "Function",
            {"handler": "m:f", "grants": [{"verb": "own", "resource": "queue/a"}]},
            "grants[0].verb",
            "invalid enum value",
        ),
        ("Schedule", {"cron": "61 * * * *", "function": "f"}, "cron", '"61 * * * *" is not a schedule'),
        ("Schedule", {"cron": "* * * * *", "function": "f", "timezone": "Mars"}, "timezone", '"Mars" is not known'),
        ("Rule", {"bus": "b", "targets": [], "pattern": {"a": [{"like": "x"}]}}, "pattern", "like"),
        ("Rule", {"bus": "b", "targets": ["work"]}, "targets[0]", "not allowed"),
        ("Workflow", {"saga": {"name": "s"}, "tasks": {}}, "saga", "s"),
        ("Database", {"schema": "functions/none.sql"}, "schema", "there is no file functions/none.sql"),
        ("RunTime", {"port": 70000}, "port", "70000 is not allowed: expected `int` <= 65535"),
        ("RunTime", {"log_level": "LOUD"}, "log_level", '"LOUD" is not allowed'),
    ],
)
def test_a_wrong_input_is_refused_by_its_path(kind: str, inputs: dict[str, Any], field: str, reason: str) -> None:
    failures = check(kind, wrap({"home": "/nowhere/home", "name": "name", **inputs})).failures or []
    assert field in {failure.property for failure in failures}
    assert reason in next(failure.reason for failure in failures if failure.property == field)


def test_every_wrong_input_is_told_at_once() -> None:
    failures = check("Queue", wrap({"home": "here", "max_receive_count": 0, "colour": "red"})).failures or []
    assert {failure.property for failure in failures} == {"home", "name", "max_receive_count", "colour"}


def test_a_secret_that_does_not_fit_is_not_shown() -> None:
    inputs = {**wrap({"home": "/nowhere/home", "name": "key"}), "value": PropertyValue(5.0)}
    failures = check("Secret", inputs).failures or []
    assert [failure.property for failure in failures] == ["value"]
    assert "not shown" in failures[0].reason


def test_what_is_not_known_yet_is_judged_when_it_is() -> None:
    response = check("Queue", wrap({"home": "/nowhere/home", "name": "name", "max_receive_count": UNKNOWN}))
    assert not response.failures
    assert plain(response.inputs or {})["max_receive_count"] == UNKNOWN


def test_a_secret_stays_one_however_it_was_passed() -> None:
    inputs = check("Secret", wrap({"home": "/nowhere/home", "name": "key", "value": "open"})).inputs or {}
    assert inputs["value"].is_secret


def test_nothing_changed_is_no_change() -> None:
    state = {"home": "/nowhere/home", "name": "n", "environment": {"A": "1"}, "digest": "d"}
    response = diff("Function", state, {"home": "/nowhere/home", "name": "n", "environment": {"A": "1"}})
    assert (response.changes, response.diffs, response.detailed_diff) == (False, [], {})


def test_a_difference_is_told_by_the_path_of_what_differs() -> None:
    old = {"home": "/h", "name": "n", "environment": {"A": "1", "B": "2"}, "grants": [{"verb": "read"}]}
    new = {"home": "/h", "name": "n", "environment": {"A": "1", "B-c": "3"}, "grants": [{"verb": "write"}]}
    response = diff("Function", old, new)
    assert {path: difference.kind for path, difference in response.detailed_diff.items()} == {
        "environment.B": PropertyDiffKind.DELETE,
        'environment["B-c"]': PropertyDiffKind.ADD,
        "grants[0].verb": PropertyDiffKind.UPDATE,
    }
    assert response.replaces == []


@pytest.mark.parametrize(
    ("kind", "field", "deleted_first"),
    [
        ("Queue", "name", False),
        ("Queue", "home", False),
        ("Database", "schema", True),
        ("RunTime", "home", True),
        ("Issuer", "name", True),
    ],
)
def test_what_cannot_change_in_place_is_replaced(kind: str, field: str, deleted_first: bool) -> None:
    state = {"home": "/nowhere/home", "name": "n", "schema": "a/b.sql", "status": "running"}
    response = diff(kind, state, {"home": "/nowhere/home", "name": "n", field: "other"})
    assert response.replaces == [field]
    assert response.delete_before_replace is deleted_first
    assert response.detailed_diff[field].kind is PropertyDiffKind.UPDATE_REPLACE


def test_a_schema_that_has_grown_is_an_update_in_place() -> None:
    state = {"home": "/nowhere/home", "name": "n", "schema": "a/b.sql", "schema_digest": "old", "serial": "1"}
    response = diff("Database", state, {**state, "schema_digest": "new"})
    assert (response.changes, response.diffs, response.replaces) == (True, ["schema_digest"], [])


def test_a_run_time_that_does_not_run_is_a_change_though_no_input_is() -> None:
    state = {"home": "/nowhere/home", "name": "n", "status": "stopped"}
    response = diff("RunTime", state, {"home": "/nowhere/home", "name": "n"})
    assert (response.changes, response.diffs, response.replaces) == (True, ["status"], [])


@pytest.mark.parametrize(
    ("kind", "inputs", "left_open"),
    [
        ("Queue", {}, set()),
        ("Secret", {"value": "v"}, set()),
        ("Database", {"schema": SCHEMA}, {"digest", "serial"}),
        ("Issuer", {}, {"digest", "key_id"}),
        ("RunTime", {"port": 8080}, {"pid", "instance"}),
        ("RunTime", {}, {"pid", "instance", "url"}),
    ],
)
def test_a_preview_makes_nothing_and_tells_what_can_be_told(
    tmp_path: Path, kind: str, inputs: dict[str, Any], left_open: set[str]
) -> None:
    made = create(kind, wrap({"home": str(tmp_path / "home"), "name": "name", **inputs}), preview=True)
    assert {name for name, value in plain(made.properties).items() if value == UNKNOWN} == left_open
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("Queue", {"max_receive_count": 7}),
        ("Subscription", {"topic": "t", "queue": "q", "filter": {"tier": ["high"]}}),
        ("Secret", {"value": "of the gateway"}),
        ("Bucket", {}),
        ("Issuer", {}),
        ("Database", {"schema": SCHEMA}),
    ],
)
def test_what_was_made_is_read_back_the_same_and_deleted_twice_leaves_nothing(
    tmp_path: Path, kind: str, inputs: dict[str, Any]
) -> None:
    home = tmp_path / "home"
    made = create(kind, wrap({"home": str(home), "name": "name", **inputs}))
    assert made.resource_id == f"{home}/{kind.lower()}/name"
    found = read(kind, made.resource_id)
    assert plain(found.properties) == plain(made.properties)
    assert not [path for path in home.rglob("*") if path.stat().st_mode & 0o077 and path.parent.name != "issuer"]
    delete(kind, made)
    delete(kind, made)
    assert not home.exists()
    assert not read(kind, made.resource_id).resource_id


def test_a_changed_file_is_read_as_it_is(tmp_path: Path) -> None:
    made = create("Queue", wrap({"home": str(tmp_path), "name": "name", "max_receive_count": 7}))
    file = tmp_path / "declarations" / "queue" / "name.json"
    file.write_text(file.read_text().replace("7", "9"))
    found = plain(read("Queue", made.resource_id or "").properties)
    assert found["max_receive_count"] == 9
    assert found["digest"] != plain(made.properties)["digest"]


def test_a_digest_knows_no_secret_and_is_one_when_it_would(tmp_path: Path) -> None:
    def secret(value: str) -> str:
        inputs = wrap({"home": str(tmp_path), "name": "key", "value": value})
        return str(plain(create("Secret", inputs).properties)["digest"])

    assert secret("one") == secret("another")
    environment = PropertyValue({"KEY": PropertyValue("hidden", is_secret=True)})
    inputs = {**wrap({"home": str(tmp_path), "name": "f", "handler": "m:f"}), "environment": environment}
    made = create("Function", inputs)
    assert made.properties["digest"].is_secret
    assert made.properties["environment"].contains_secret()


def test_a_database_that_is_made_again_has_another_digest(tmp_path: Path) -> None:
    inputs = wrap({"home": str(tmp_path / "home"), "name": "orders", "schema": SCHEMA})
    first = create("Database", inputs)
    assert plain(create("Database", inputs).properties) == plain(first.properties), "it was there already"
    delete("Database", first)
    assert plain(create("Database", inputs).properties)["digest"] != plain(first.properties)["digest"]


def test_a_database_of_another_schema_is_not_taken_over(tmp_path: Path) -> None:
    create("Queue", wrap({"home": str(tmp_path), "name": "queue"}))
    store.create(Home(tmp_path).database, [])
    with pytest.raises(LocalError, match=r"lacks .*orders"):
        create("Database", wrap({"home": str(tmp_path), "name": "orders", "schema": SCHEMA}))


def test_a_run_time_that_could_not_be_created_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="declare exactly one database"):
        create("RunTime", wrap({"home": str(tmp_path / "home"), "name": "run-time"}))
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("resource_id", ["queue/name", "/home/topic/name", "name"])
def test_an_id_that_names_no_place_is_refused(resource_id: str) -> None:
    with pytest.raises(LocalError, match="write it as <home>/queue/<name>"):
        read("Queue", resource_id)


def test_a_taken_port_is_told_before_anything_is_made_and_by_the_run_time_in_the_same_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        rest = {"log_level": "INFO", "declarations": {}, "code": ""}
        inputs = wrap({"home": str(tmp_path / "home"), "name": "run-time", "port": port, **rest})
        failures = check("RunTime", inputs).failures or []
        with pytest.raises(LocalError) as refused:
            create("RunTime", inputs)
        with pytest.raises(PortTakenError) as said_by_the_run_time:
            bind(port)
    assert [(failure.property, failure.reason) for failure in failures] == [("port", str(refused.value))]
    assert str(refused.value) == str(said_by_the_run_time.value)
    assert f"port {port} of 127.0.0.1" in str(refused.value)
    assert "orderly:local.port" in str(refused.value)
    assert not (tmp_path / "home").exists()


def test_the_port_that_a_resource_of_the_state_has_is_its_own(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as serving:
        inputs = wrap({"home": str(tmp_path), "name": "run-time", "port": serving.getsockname()[1]})
        response = asyncio.run(LocalProvider().check(CheckRequest(urn("RunTime"), inputs, inputs, b"")))
    assert not response.failures
