"""The console of a running local system, over HTTP."""

from __future__ import annotations

import json
import re
import socket
from contextlib import ExitStack, suppress

from console.guard import POLICY
from console.streams import MAX_STREAMS
from tests.browser.shop import place, placed_event, send_malformed, send_unacknowledged
from tests.conformance.console.calls import SECONDS, events, get, listening, post
from tests.conformance.local_runtime.running import eventually
from tests.local_system import Running


def test_every_page_is_answered_and_carries_the_policy(system: Running) -> None:
    order_id = place(system)
    for path in ("", "/orders", f"/orders/{order_id}", "/queues", "/queues/fulfilment", "/faults"):
        answer = get(system, f"/console{path}")
        assert (answer.status, answer.headers["content-security-policy"]) == (200, POLICY)


def test_what_begins_as_the_console_does_is_the_apis(system: Running) -> None:
    answer = get(system, "/consoles")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_name_that_somebody_pointed_here_is_misdirected(system: Running) -> None:
    assert get(system, "/console", Host=f"evil.example:{system.port}").status == 421
    assert get(system, "/console", Host="127.0.0.1:1").status == 421
    assert get(system, "/console", Host=f"localhost:{system.port}").status == 200


def test_the_flow_is_that_of_what_was_deployed(system: Running) -> None:
    page = get(system, "/console").text
    for node in ("database/orders", "bus/orders", "queue/fulfilment", "workflow/order", "bucket/event-archive"):
        assert f"<td>{node}</td>" in page


def test_a_dead_letter_is_shown_and_sent_back_once(system: Running) -> None:
    event = placed_event(system, place(system))
    send_unacknowledged(system, event)
    page = "/console/queues/fulfilment"
    eventually(lambda: event.id in get(system, page).text, "the message is dead")
    assert "1 would be sent back" in get(system, f"{page}?try={event.id}").text
    assert post(system, f"{page}/redrive", id=event.id).headers["location"] == f"{page}?sent=1"
    assert post(system, f"{page}/redrive", id=event.id).headers["location"] == f"{page}?sent=0"
    eventually(lambda: "<dt>Depth</dt><dd>0</dd>" in get(system, page).text, "it was handled")
    assert "None: every message" in get(system, page).text


def test_a_message_that_cannot_be_read_dies_again_and_says_why(system: Running) -> None:
    send_malformed(system, "poison", json.dumps({"note": "<script>"}).encode(), queue="analytics")
    page = "/console/queues/analytics"
    eventually(lambda: "poison" in get(system, page).text, "the message is dead")
    assert post(system, f"{page}/redrive").headers["location"] == f"{page}?sent=1"
    eventually(lambda: "malformed" in get(system, page).text, "it died again")
    assert "&lt;script&gt;" in get(system, page).text


def test_an_order_that_meets_a_broken_step_fails_and_is_undone(system: Running) -> None:
    post(system, "/console/faults/arm", task="process-payment", fault="fail", orders="1")
    assert "1 order left" in get(system, "/console/faults").text
    page = f"/console/orders/{place(system)}"
    eventually(lambda: "Ended: failed" in get(system, page).text, "the saga ended")
    text = get(system, page).text
    assert re.search(
        r'class="stop p-undo a-succeeded">\s*<h3><span class="phase">Undo</span> <span class="step">reserve', text
    )
    assert text.count("process-payment was broken on purpose") >= 3
    assert "Nothing is armed" in get(system, "/console/faults").text


def test_a_stream_tells_of_an_order_when_it_comes_in(system: Running) -> None:
    with listening(system, "/console/orders/live") as stream:
        heard = events(stream)
        assert next(heard)[0] == "orders"
        order_id = place(system)
        name, html = next((name, html) for name, html in heard if f"o-{order_id}" in html)
    assert name == "orders"
    assert "<script" not in html


def test_only_so_many_streams_are_open_and_closing_one_makes_room(system: Running) -> None:
    with ExitStack() as held:
        streams = [held.enter_context(listening(system, "/console/queues/live")) for _ in range(MAX_STREAMS)]
        assert {stream.status for stream in streams} == {200}
        with listening(system, "/console/queues/live") as refused:
            assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
        assert get(system, "/console/queues").status == 200
    eventually(lambda: _is_open(system), "the places are free again")


def _is_open(system: Running) -> bool:
    with listening(system, "/console/queues/live") as stream:
        return stream.status == 200


def test_open_streams_end_with_the_run_time_and_do_not_hold_it_up(own_system: Running) -> None:
    with ExitStack() as held:
        streams = [held.enter_context(listening(own_system, "/console/live")) for _ in range(3)]
        heard = [events(stream) for stream in streams]
        assert [next(each)[0] for each in heard] == ["alarms"] * 3
        own_system.process.terminate()
        for each in heard:
            assert {name for name, _ in each} <= {"alarms", "flow", "shares", "loops"}  # to its end, which is orderly
        assert own_system.process.wait(20) == 0
    log = (own_system.home.root.parent / "run-time.log").read_text()
    assert "run time has stopped" in log
    assert "timeout graceful shutdown exceeded" not in log
    assert '"level":"ERROR"' not in log.replace(" ", "")


def test_a_page_that_is_asked_for_with_a_body_does_not_hold_its_connection(system: Running) -> None:
    with socket.create_connection(("127.0.0.1", system.port), timeout=SECONDS) as connection:
        head = f"GET /console/queues HTTP/1.1\r\nHost: 127.0.0.1:{system.port}\r\nContent-Length: 2\r\n\r\n"
        connection.sendall(head.encode())
        answer = b""
        while b"</html>" not in answer:
            answer += connection.recv(1 << 16)
        assert answer.startswith(b"HTTP/1.1 200")
        with suppress(BrokenPipeError, ConnectionResetError):  # closed, as it should be
            connection.sendall(b"{")
            assert connection.recv(1 << 16) == b""
