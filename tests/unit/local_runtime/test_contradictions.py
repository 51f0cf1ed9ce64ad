"""What was declared is refused as a whole when it contradicts itself, with one line for each contradiction."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from components.saga.json import to_document
from components.saga.order import ORDER_SAGA
from local_runtime.declarations import KINDS, Api
from local_runtime.errors import DeclarationsError
from local_runtime.home import Home
from local_runtime.loading import load

CONSUME = [
    {"verb": "consume", "resource": "queue/work"},
    {"verb": "consume", "resource": "database/orders"},
    {"verb": "read", "resource": "secret/key"},
]
TASKS = dict.fromkeys(ORDER_SAGA.tasks(), "work")
SOUND: list[tuple[str, dict[str, Any]]] = [
    ("Database", {"name": "orders", "schema": "local_runtime/schema.sql"}),
    ("Function", {"name": "work", "handler": "json:dumps", "grants": CONSUME}),
    ("Queue", {"name": "work"}),
    ("Consumer", {"name": "work", "queue": "work", "function": "work"}),
    ("Topic", {"name": "events"}),
    ("Subscription", {"name": "work", "topic": "events", "queue": "work", "filter": {"type": ["placed"]}}),
    ("EventBus", {"name": "orders"}),
    ("Rule", {"name": "all", "bus": "orders", "targets": ["topic/events", "queue/work"]}),
    ("Feed", {"name": "orders", "database": "orders", "function": "work"}),
    ("Workflow", {"name": "order", "saga": to_document(ORDER_SAGA), "tasks": TASKS}),
    ("Schedule", {"name": "nightly", "cron": "0 3 * * *", "timezone": "Europe/Berlin", "function": "work"}),
    ("Api", {"name": "api", "function": "work"}),
    ("Alarm", {"name": "dead", "metric": "dead-letters", "resource": "work"}),
    ("Bucket", {"name": "archive"}),
]


def declare(folder: Path, *declarations: tuple[str, dict[str, Any]]) -> Home:
    home = Home(folder)
    for kind, declaration in (*SOUND, *declarations):
        path = home.declarations / kind / f"{declaration['name']}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(declaration))
    return home


def test_a_sound_system_is_loaded_whole(tmp_path: Path) -> None:
    declared = load(declare(tmp_path))
    assert {kind: list(declared.all(KINDS[kind])) for kind, _ in SOUND} == {
        kind: [declaration["name"]] for kind, declaration in SOUND
    }


def test_the_folders_of_kinds_may_be_written_in_small_letters(tmp_path: Path) -> None:
    home = declare(tmp_path)
    for folder in home.declarations.iterdir():
        folder.rename(folder.with_name(folder.name.lower()))
    assert load(home)


def test_what_is_not_followed_any_more_neither_counts_nor_contradicts(tmp_path: Path) -> None:
    home = declare(tmp_path, ("Api", {"name": "taken-out", "function": "nobody"}))
    home.followed.write_text(json.dumps([f"{kind.lower()}/{declaration['name']}" for kind, declaration in SOUND]))
    assert list(load(home).all(Api)) == [declaration["name"] for kind, declaration in SOUND if kind == "Api"]


def test_a_damaged_list_of_what_is_followed_is_refused(tmp_path: Path) -> None:
    home = declare(tmp_path)
    home.followed.write_text("[")
    with pytest.raises(DeclarationsError, match=r"followed.json is no list of names"):
        load(home)


@pytest.mark.parametrize(
    ("kind", "declaration", "line"),
    [
        ("Database", {"name": "second", "schema": "a/b.sql"}, "declare exactly one database"),
        ("Api", {"name": "second", "function": "work"}, "declare at most one api"),
        (
            "Function",
            {"name": "f", "handler": "m:f", "grants": [{"verb": "publish", "resource": "bus/other"}]},
            "function f names bus/other, which is not declared; declared of this kind: orders",
        ),
        (
            "Function",
            {"name": "f", "handler": "m:f", "grants": [{"verb": "read", "resource": "table/orders"}]},
            "function f names table/orders; write a kind, a slash and a name",
        ),
        (
            "Consumer",
            {"name": "c", "queue": "other", "function": "work"},
            "consumer c names queue/other, which is not declared",
        ),
        (
            "Queue",
            {"name": "work", "visibility_timeout_seconds": 5},
            "queue work shows a message again after 5 s, while function work may take 30 s",
        ),
        (
            "Queue",
            {"name": "work", "visibility_timeout_seconds": 30},
            "queue work shows a message again after 30 s, while function work may take 30 s",
        ),
        ("Feed", {"name": "f", "database": "other", "function": "work"}, "feed f names database/other"),
        ("Subscription", {"name": "s", "topic": "other", "queue": "work"}, "subscription s names topic/other"),
        (
            "Subscription",
            {"name": "s", "topic": "events", "queue": "work", "filter": {"type": [{"suffix": "d"}]}},
            "subscription s: type has the operator suffix",
        ),
        ("Rule", {"name": "r", "bus": "other", "targets": ["queue/work"]}, "rule r names bus/other"),
        ("Rule", {"name": "r", "bus": "orders", "targets": ["queue/other"]}, "rule r names queue/other"),
        ("Rule", {"name": "r", "bus": "orders", "targets": [], "pattern": {"a": []}}, "rule r: a is []"),
        (
            "Workflow",
            {"name": "w", "saga": to_document(ORDER_SAGA), "tasks": {**TASKS, "restock": "nobody"}},
            "workflow w names function/nobody",
        ),
        (
            "Workflow",
            {"name": "w", "saga": to_document(ORDER_SAGA), "tasks": {k: v for k, v in TASKS.items() if k != "restock"}},
            "workflow w: no function performs task restock",
        ),
        ("Workflow", {"name": "w", "saga": {"nodes": []}, "tasks": {}}, "workflow w: saga has no name"),
        ("Schedule", {"name": "s", "cron": "0 3 * * *", "function": "nobody"}, "schedule s names function/nobody"),
        ("Schedule", {"name": "s", "cron": "0 25 * * *", "function": "work"}, "is not a schedule (Bad hour)"),
        (
            "Schedule",
            {"name": "s", "cron": "0 3 * * *", "function": "work", "timezone": "Mars/Base"},
            "timezone 'Mars/Base' is not known",
        ),
        ("Api", {"name": "api", "function": "nobody"}, "api api names function/nobody"),
        ("Alarm", {"name": "a", "metric": "feed-lag", "resource": "other"}, "alarm a names database/other"),
    ],
)
def test_a_contradiction_is_one_line_that_names_it(
    tmp_path: Path, kind: str, declaration: dict[str, Any], line: str
) -> None:
    home = declare(tmp_path, (kind, declaration))
    with pytest.raises(DeclarationsError) as refused:
        load(home)
    assert line in str(refused.value)


@pytest.mark.parametrize(("trigger", "resource"), [("Consumer", "queue/work"), ("Feed", "database/orders")])
def test_a_function_that_consumes_has_to_be_granted_that(tmp_path: Path, trigger: str, resource: str) -> None:
    function = {"name": "other", "handler": "m:f", "timeout_seconds": 1}
    declaration = {"name": "more", "function": "other", "queue": "work"}
    if trigger == "Feed":
        declaration = {"name": "more", "function": "other", "database": "orders"}
    home = declare(tmp_path, ("Function", function), (trigger, declaration))
    with pytest.raises(DeclarationsError, match=f"function other may not consume {resource}; grant it"):
        load(home)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("Queue/odd.json", '{"name": "odd", "colour": "red"}'),
        ("Queue/odd.json", "not json"),
        ("Queue/odd.json", '{"name": "Odd Name"}'),
        ("Spaceship/odd.json", '{"name": "odd"}'),
    ],
)
def test_a_file_that_is_no_declaration_is_named(tmp_path: Path, path: str, content: str) -> None:
    home = declare(tmp_path)
    file = home.declarations / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(content)
    with pytest.raises(DeclarationsError, match=r"odd\.json is not a declaration"):
        load(home)


def test_every_kind_survives_the_way_through_its_file() -> None:
    for kind, document in SOUND:
        declaration = msgspec.convert(document, KINDS[kind])
        assert msgspec.json.decode(msgspec.json.encode(declaration), type=KINDS[kind]) == declaration
