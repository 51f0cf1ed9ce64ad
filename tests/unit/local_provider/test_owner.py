"""A home is one stack's: nobody else's files are removed, and nobody else's system is taken over."""

from __future__ import annotations

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pulumi.provider.experimental.provider import CheckRequest, CreateRequest, CreateResponse, DeleteRequest

from local_provider import log, running
from local_provider.errors import LocalError
from local_provider.owner import Owner, Owners
from local_provider.properties import plain, wrap
from local_provider.provider import LocalProvider
from local_runtime.home import Home

SCHEMA = "functions.adapters.local/schema.sql"


class Stack:
    """What one engine run of a stack asks the provider for."""

    def __init__(self, home: Path, name: str = "first") -> None:
        self.home = home
        self.name = name
        self.provider = LocalProvider()

    def objections(self, kind: str, *, is_recorded: bool = False) -> list[str]:
        inputs = wrap(self._inputs(kind))
        request = CheckRequest(self._urn(kind), inputs if is_recorded else {}, inputs, b"")
        return [failure.reason for failure in asyncio.run(self.provider.check(request)).failures or []]

    def create(self, kind: str, **inputs: object) -> CreateResponse:
        complete = self._inputs(kind, **inputs)
        return asyncio.run(self.provider.create(CreateRequest(self._urn(kind), wrap(complete), 0, preview=False)))

    def delete(self, kind: str, made: CreateResponse) -> None:
        request = DeleteRequest(self._urn(kind), made.resource_id or "", made.properties, 0)
        asyncio.run(self.provider.delete(request))

    def _urn(self, kind: str) -> str:
        return f"urn:pulumi:{self.name}::orderly::local:index:{kind}::name"

    def _inputs(self, kind: str, **inputs: object) -> dict[str, Any]:
        needed: dict[str, dict[str, Any]] = {
            "Database": {"schema": SCHEMA, "retain": False},
            "Bucket": {"retain": False},
        }
        return {"home": str(self.home), "name": "name", **needed.get(kind, {}), **inputs}


@pytest.fixture(autouse=True)
def no_backend_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_files_of_other_people_outlive_destroy(home: Path) -> None:
    stack = Stack(home)
    made = {kind: stack.create(kind) for kind in ("Issuer", "Bucket", "Queue")}
    log.rotated(Home(home)).write_text("said")
    theirs = {home / "logs" / "theirs.log", home / "issuer" / "theirs.pem", home / "buckets" / "theirs", home / "notes"}
    for file in theirs:
        file.write_text("kept")
    running.forget(Home(home))
    for kind, resource in made.items():
        stack.delete(kind, resource)
    assert {path for path in home.rglob("*") if path.is_file()} - {home / "owner.json"} == theirs


def test_the_owner_is_written_for_the_owner_alone_and_goes_with_the_last_resource(home: Path) -> None:
    stack = Stack(home)
    first, second = stack.create("Queue"), stack.create("Issuer")
    owner = home / "owner.json"
    assert stat.S_IMODE(owner.stat().st_mode) == 0o600
    stack.delete("Queue", first)
    assert owner.exists()
    stack.delete("Issuer", second)
    assert not home.exists()


def test_another_stack_is_refused_with_the_folder_its_owner_and_the_way_out(home: Path) -> None:
    Stack(home).create("Queue")
    other = Stack(home, "second")
    (objection,) = other.objections("Database")
    assert f"{home} belongs to the stack first of the project orderly" in objection
    assert "orderly:local.folder" in objection
    with pytest.raises(LocalError, match="belongs to the stack first"):
        other.create("Database")
    assert not Home(home).database.exists()


def test_another_stacks_delete_removes_nothing(home: Path) -> None:
    made = Stack(home).create("Database")
    with pytest.raises(LocalError, match="belongs to the stack first"):
        Stack(home, "second").delete("Database", made)
    assert Home(home).database.exists()


def test_stacks_of_one_name_in_different_backends_are_different_owners(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", (tmp_path / "a").as_uri())
    Stack(home).create("Queue")
    assert not Stack(home).objections("Issuer")
    monkeypatch.setenv("PULUMI_BACKEND_URL", (tmp_path / "x" / ".." / "a").as_uri())
    assert not Stack(home).objections("Issuer"), "the same folder"
    monkeypatch.setenv("PULUMI_BACKEND_URL", (tmp_path / "b").as_uri())
    (objection,) = Stack(home).objections("Issuer")
    assert "whose state is kept elsewhere" in objection


def test_a_folder_with_something_in_it_is_refused_unless_the_state_has_it(home: Path) -> None:
    home.mkdir()
    (home / "thesis.txt").touch()
    (objection,) = Stack(home).objections("Queue")
    assert f"{home} has something in it (thesis.txt) and no owner" in objection
    assert not Stack(home).objections("Queue", is_recorded=True)
    with pytest.raises(LocalError, match=r"thesis\.txt"):
        Stack(home).create("Queue")
    assert [path.name for path in home.iterdir()] == ["thesis.txt"]


def test_what_a_retained_system_left_is_its_own_stacks_alone(home: Path) -> None:
    made = Stack(home).create("Database", retain=True)
    Stack(home).delete("Database", made)
    assert {path.name for path in home.iterdir()} == {"orders.sqlite", "owner.json"}
    assert Stack(home, "second").objections("Database")
    assert not Stack(home).objections("Database")
    assert plain(Stack(home).create("Database").properties)["serial"] == plain(made.properties)["serial"]


def test_an_owner_that_cannot_be_read_is_nobody_in_particular(home: Path) -> None:
    home.mkdir()
    (home / "owner.json").write_text("{}")
    (objection,) = Stack(home).objections("Queue")
    assert "has an owner.json that cannot be read" in objection


def test_a_creation_that_fails_leaves_no_claim(home: Path) -> None:
    with pytest.raises(LocalError, match="declared"):
        Stack(home).create(
            "RunTime", port=0, log_level="INFO", code="", declarations={"database/orders": "a digest of nothing"}
        )
    assert not home.exists()


def test_a_home_that_another_stack_claimed_since_it_was_looked_at_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Stack(home, "first").create("Queue")
    look, is_early = Owners.objection, iter([True])

    def objection(owners: Owners, home: Home, owner: Owner, *, is_recorded: bool) -> str | None:
        return None if next(is_early, False) else look(owners, home, owner, is_recorded=is_recorded)

    monkeypatch.setattr(Owners, "objection", objection)
    with pytest.raises(LocalError, match="belongs to the stack first"):
        Stack(home, "second").create("Queue")


def test_of_two_stacks_that_begin_at_once_one_gets_the_home_whole(home: Path) -> None:
    def attempt(number: int) -> str | None:
        stack = Stack(home, f"stack-{number % 2}")
        try:
            stack.create("Queue", name=f"queue-{number}")
        except LocalError:
            return None
        return stack.name

    with ThreadPoolExecutor(8) as pool:
        winners = list(pool.map(attempt, range(16)))
    assert len({winner for winner in winners if winner}) == 1
    assert len(list(home.glob("declarations/queue/*"))) == 8
    assert not list(home.glob(".owner.json.*"))
