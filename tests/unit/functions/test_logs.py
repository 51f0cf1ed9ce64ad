"""A log line is one JSON object that can be found by its ids and holds no secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from functions import logs

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"  # noqa: S105 -- of nobody
logger = logging.getLogger("orderly.test")


class Log(io.StringIO):
    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().split("\n") if line]


@pytest.fixture
def log() -> Iterator[Log]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = Log()
    logs.configure(level="DEBUG", function="api", stage="prod", stream=stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)


def test_a_line_says_when_where_and_what(log: Log) -> None:
    logger.warning("stock of %s is low", "TEAPOT", extra={"left": 3})
    (line,) = log.lines
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "WARNING",
        "message": "stock of TEAPOT is low",
        "logger": "orderly.test",
        "function": "api",
        "stage": "prod",
        "left": 3,
    }


def test_lines_carry_the_ids_of_what_is_at_hand_and_lose_them_after(log: Log) -> None:
    with logs.context(request_id="r-1", tenant="acme"):
        with logs.context(order_id="ord_1", trace_id=None):
            logger.info("inner")
        logger.info("outer")
    logger.info("after")
    ids = [
        {key: line[key] for key in line if key in ("request_id", "tenant", "order_id", "trace_id")}
        for line in log.lines
    ]
    assert ids == [
        {"request_id": "r-1", "tenant": "acme", "order_id": "ord_1"},
        {"request_id": "r-1", "tenant": "acme"},
        {},
    ]


def test_what_is_bound_on_the_way_ends_with_its_context(log: Log) -> None:
    with logs.context(request_id="r-1"):
        logs.bind(order_id="ord_1")
        logger.info("inside")
    logger.info("after")
    assert [line.get("order_id") for line in log.lines] == ["ord_1", None]


def test_an_exception_is_fields_on_the_same_line(log: Log) -> None:
    try:
        raise ValueError("no\nway")
    except ValueError:
        logger.exception("failed")
    (line,) = log.lines
    assert (line["error"], line["error_message"]) == ("ValueError", "no\nway")
    assert "test_logs.py" in line["stack"]


@pytest.mark.parametrize(
    "said",
    [
        f"token {TOKEN} refused",
        "Authorization: Bearer hunter2",
        "header was bearer hunter2",
        "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nhunter2 and cut off",
    ],
)
def test_what_looks_like_a_secret_is_struck_out_of_messages_and_exceptions(log: Log, said: str) -> None:
    logger.info("%s", said, extra={"cause": said, "causes": [said], "nested": {"cause": said}})
    try:
        raise ValueError(said)
    except ValueError:
        logger.exception("failed")
    assert "hunter2" not in log.getvalue()
    assert TOKEN not in log.getvalue()
    assert logs.REDACTED in log.getvalue()


@pytest.mark.parametrize(
    "name",
    ["token", "authorization", "Authorization", "api_key", "apiKey", "api-key", "secret_value", "password", "body"],
)
def test_a_field_named_as_a_secret_is_struck_out(log: Log, name: str) -> None:
    logger.info("x", extra={name: "hunter2", "headers": {name: ["hunter2"]}})
    assert "hunter2" not in log.getvalue()


class UnwritableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words for it")


def test_a_line_is_not_lost_with_an_error_that_cannot_be_written(log: Log) -> None:
    logger.warning("task failed", exc_info=UnwritableError(), extra={"cause": UnwritableError()})
    (line,) = log.lines
    told = "a UnwritableError that cannot be written"
    assert (line["error"], line["error_message"], line["cause"]) == ("UnwritableError", told, told)


def test_whatever_is_logged_is_one_line_of_json(log: Log) -> None:
    logger.info("a\nb\u2028c \ud800", extra={"object": object(), "bytes": b"\xff", "float": 1.5, "huge": 10**30})
    logger.info("x" * 30_000)
    assert len(log.lines) == 2
    assert len(log.getvalue()) < 20_000


@pytest.mark.parametrize(
    ("level", "heard"),
    [("DEBUG", 4), ("info", 3), ("WARNING", 2), ("WARN", 2), ("ERROR", 1)],
)
def test_the_level_decides_what_is_heard(log: Log, level: str, heard: int) -> None:
    logs.configure(level=level, function="api", stage="dev", stream=log)
    for severity in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logger.log(severity, "x")
    assert len(log.lines) == heard


def test_an_unknown_level_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match="'LOUD': use one of DEBUG, INFO, WARNING, WARN, ERROR"):
        logs.configure(level="LOUD", function="api", stage="dev")
