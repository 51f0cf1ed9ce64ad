"""What a page hears of while it is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event

import pytest
from starlette.exceptions import HTTPException

from console import streams
from console.streams import MAX_STREAMS, Streams, event
from tests.unit.console.asking import HOST, Browser
from tests.unit.console.memory import MemorySystem, letter

LOOK = 0.005


class Told:
    """Collects what a stream sends, and acts after each of it."""

    def __init__(self, system: MemorySystem, render: Callable[[], dict[str, str]]) -> None:
        self.stop = Event()
        self.sent: list[str] = []
        self._streams = Streams(system, self.stop, look_seconds=LOOK)
        self._render = render

    def until(self, count: int, then: Callable[[int], None] = lambda _: None) -> list[str]:
        asyncio.run(asyncio.wait_for(self._listen(count, then), 10))
        return self.sent

    async def _listen(self, count: int, then: Callable[[int], None]) -> None:
        async for part in self._streams.answer(self._render).body_iterator:
            self.sent.append(str(part))
            then(len(self.sent))
            if len(self.sent) == count:
                self.stop.set()


def test_a_page_is_sent_what_has_changed_and_nothing_else() -> None:
    system, shown = MemorySystem(), {"one": "a", "two": "b"}

    def change(sent: int) -> None:
        if sent == 2:
            shown["two"] = "c"
            system.changed += 1

    assert Told(system, lambda: dict(shown)).until(3, change) == [
        event("one", "a"),
        event("two", "b"),
        event("two", "c"),
    ]


def test_nothing_is_read_while_nothing_has_changed() -> None:
    system, reads = MemorySystem(), list[int]()

    def render() -> dict[str, str]:
        reads.append(1)
        return {"one": str(len(reads))}

    told = Told(system, render)

    async def listen() -> None:
        asyncio.get_running_loop().call_later(LOOK * 20, told.stop.set)
        await told._listen(99, lambda _: None)

    asyncio.run(listen())
    assert len(reads) == 1


def test_it_is_looked_at_now_and_then_though_no_change_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "UNASKED_SECONDS", LOOK * 2)
    ages = iter(range(99))
    assert Told(MemorySystem(), lambda: {"age": str(next(ages))}).until(3) == [event("age", str(n)) for n in range(3)]


def test_a_quiet_stream_says_that_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", LOOK * 3)
    assert Told(MemorySystem(), lambda: {"one": "a"}).until(3)[1:] == [": still here\n\n"] * 2


def test_streams_end_when_the_system_stops() -> None:
    browser = Browser(MemorySystem().site())
    browser.stop.set()
    answer = browser.get("/console/live")
    assert (answer.status, answer.text) == (200, "")
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_there_are_only_so_many_streams_and_those_that_ended_make_room() -> None:
    def ended() -> Event:
        stop = Event()
        stop.set()
        return stop

    found = Streams(MemorySystem(), ended())
    opened = [found.answer(dict) for _ in range(MAX_STREAMS)]
    with pytest.raises(HTTPException) as refused:
        found.answer(dict)
    assert (refused.value.status_code, "close some" in refused.value.detail) == (503, True)

    async def end_one() -> None:
        async def receive() -> dict[str, object]:
            await asyncio.Event().wait()
            return {}

        async def send(_: object) -> None:
            pass

        await opened[0]({"type": "http", "asgi": {}}, receive, send)

    asyncio.run(end_one())
    assert found.open == MAX_STREAMS - 1
    found.answer(dict)


def test_a_caller_who_went_away_makes_room() -> None:
    found = Streams(MemorySystem(), Event(), look_seconds=LOOK)

    async def leave() -> None:
        async def receive() -> dict[str, object]:
            await asyncio.sleep(LOOK * 4)
            return {"type": "http.disconnect"}

        async def send(_: object) -> None:
            pass

        await asyncio.wait_for(found.answer(lambda: {"one": "a"})({"type": "http", "asgi": {}}, receive, send), 5)

    asyncio.run(leave())
    assert found.open == 0


@pytest.mark.parametrize("html", ["<p>\n</p>", "a\r\nevent: forged\rdata: x", "a\n\nevent: forged"])
def test_no_content_can_end_an_event_and_begin_another(html: str) -> None:
    lines = event("part", html).removesuffix("\n\n").split("\n")
    assert lines[0] == "event: part"
    assert all(line.startswith("data: ") for line in lines[1:])
    assert "\r" not in event("part", html)


def test_each_part_of_a_page_is_an_event_of_its_stream() -> None:
    system = MemorySystem(letters={"fulfilment": [letter("dead")]})
    browser = Browser(system.site())

    async def listen() -> str:
        asyncio.get_running_loop().call_later(0.3, browser.stop.set)
        from tests.unit.console.asking import HOST, _asked

        return (await _asked(browser.application, "GET", "/console/queues/fulfilment/live", {"host": HOST}, b"")).text

    text = asyncio.run(listen())
    assert [line for line in text.splitlines() if line.startswith("event:")] == ["event: queue_state", "event: letters"]
    assert "data: " in text


def test_a_stream_is_held_by_a_page_that_listens_and_by_nothing_else() -> None:
    browser = Browser(MemorySystem().site())
    browser.stop.set()
    looked_at = browser.get("/console/live", sec_fetch_mode="navigate")
    assert (looked_at.status, "no page" in looked_at.text) == (403, True)
    asked = browser.ask("HEAD", "/console/live", {"host": HOST})
    assert (asked.status, asked.headers["allow"]) == (405, "GET")
    assert browser.get("/console/live", sec_fetch_mode="cors").status == 200
