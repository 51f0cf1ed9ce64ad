"""The process itself: it announces itself when it answers, refuses what cannot work in one line, and leaves nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import threading
import time

from tests.conformance.local_runtime.running import Shop, eventually, http


def test_it_announces_where_it_answers_and_withdraws_that_when_it_stops(shop: Shop) -> None:
    url = shop.start("--log-level", "INFO")
    announced = json.loads(shop.home.run_time.read_text())
    assert announced["pid"] == shop.processes[-1].pid
    health = json.loads(http("GET", f"{url}/-/health")[2])
    assert (health["instance"], health["started_at"]) == (announced["instance"], announced["started_at"])
    assert {name for name, loop in health["loops"].items() if not loop["running"]} == set()
    code, log = shop.stop()
    assert code == 0
    assert not shop.home.run_time.exists()
    assert "run time has stopped" in [json.loads(line)["message"] for line in log.splitlines()]


def test_nobody_else_can_read_what_it_writes(shop: Shop) -> None:
    shop.start()
    files = [path for path in shop.root.iterdir() if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_every_start_is_another_instance(shop: Shop) -> None:
    instances = set()
    for _ in range(2):
        shop.start()
        instances.add(json.loads(shop.home.run_time.read_text())["instance"])
        shop.stop()
    assert len(instances) == 2


def test_a_stop_folds_the_log_into_the_file_and_lets_a_request_in_hand_be_answered(shop: Shop) -> None:
    url = shop.start()
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(http("GET", f"{url}/hang")[0]))
    asking.start()
    eventually(lambda: shop.noted("api") == [["hanging"]], "the request is in hand")
    shop.processes[-1].send_signal(signal.SIGINT)
    shop.let("api-may-go-on")
    asking.join(10)
    assert shop.stop()[0] == 0
    assert answers == [200]
    assert not shop.home.database.with_name("orders.sqlite-wal").exists()


def test_it_stops_within_ten_seconds_while_a_function_hangs(shop: Shop) -> None:
    url = shop.start()
    http("POST", f"{url}/orders", b"slow-to-start")
    eventually(lambda: bool(shop.noted("fulfil")), "the function hangs")
    code, _ = shop.stop()
    assert code == 0


def test_a_second_run_time_of_the_same_home_is_refused_with_the_holder(shop: Shop) -> None:
    url = shop.start()
    code, printed = shop.refusal()
    assert code == 4
    assert f"is up already, as pid {shop.processes[0].pid}" in printed
    assert printed.count("\n") == 1
    assert http("GET", f"{url}/-/health")[0] == 200


def test_a_killed_run_time_leaves_nothing_that_stops_the_next_one(shop: Shop) -> None:
    shop.start()
    shop.kill()
    assert shop.home.run_time.exists()
    assert shop.start()


def test_a_taken_port_is_one_line_and_exit_code_three(shop: Shop) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, printed = shop.refusal("--port", str(other.getsockname()[1]))
    assert code == 3
    assert "is taken by another program" in printed
    assert printed.count("\n") == 1


def test_a_damaged_database_is_one_line_that_names_it(shop: Shop) -> None:
    whole = shop.home.database.read_bytes()
    shop.home.database.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    code, printed = shop.refusal()
    assert code == 2
    assert f"{shop.home.database} is damaged" in printed
    assert printed.count("\n") == 1


def test_contradictory_declarations_are_one_line_each(shop: Shop) -> None:
    shop.write("Consumer", {"name": "lost", "queue": "nowhere", "function": "fulfil"})
    shop.write("Schedule", {"name": "odd", "cron": "every day", "function": "step"})
    code, printed = shop.refusal()
    assert code == 2
    assert printed.count("\n") == 3
    assert "consumer lost names queue/nowhere, which is not declared; declared of this kind: work" in printed
    assert "function fulfil may not consume queue/nowhere" in printed
    assert "schedule odd: cron 'every day' is not a schedule" in printed


def test_a_handler_that_does_not_exist_is_one_line(shop: Shop) -> None:
    shop.write("Function", {"name": "step", "handler": "tests.conformance.local_runtime.shop:missing"})
    code, printed = shop.refusal()
    assert code == 2
    assert "function step: handler tests.conformance.local_runtime.shop:missing cannot be loaded" in printed
    assert printed.count("\n") == 1


def test_a_home_that_does_not_exist_is_one_line(shop: Shop) -> None:
    shop.root.rename(shop.root.with_name("moved"))
    code, printed = shop.refusal()
    assert code == 2
    assert "there is no local system in" in printed


def test_a_sender_that_never_finishes_its_head_is_cut_off_while_others_are_served(shop: Shop) -> None:
    url = shop.start()
    port = int(url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET /echo HTTP/1.1\r\nHost: x\r\n")
        assert http("GET", f"{url}/echo")[0] == 200
        slow.settimeout(15)
        began = time.monotonic()
        assert slow.recv(1) == b""
        assert time.monotonic() - began < 15


def test_it_ends_by_itself_once_its_home_was_removed(shop: Shop) -> None:
    url = shop.start()
    http("POST", f"{url}/orders", b"an-order")
    shutil.rmtree(shop.root)
    assert shop.processes[-1].wait(20) == 0
    assert "its home was removed" in shop.printed()
    assert "Traceback" not in shop.printed()
    assert not shop.root.exists()


def test_it_ends_by_itself_once_another_took_its_place_and_leaves_that_alone(shop: Shop) -> None:
    shop.start()
    first = shop.processes[-1]
    shop.home.lock.unlink()
    shop.home.run_time.unlink()
    shop.start()
    assert first.wait(20) == 0
    assert json.loads(shop.home.run_time.read_text())["pid"] == shop.processes[-1].pid
    assert shop.processes[-1].poll() is None
