"""What keeps a system going and in view: supervision, alarms, the request rate, tokens, and who runs a home."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import jwt
import pytest

from local_runtime import VERSION, issuer
from local_runtime.alarms import Alarms
from local_runtime.declarations import Alarm
from local_runtime.errors import AlreadyRunningError, RunTimeError
from local_runtime.home import Home
from local_runtime.run_time_file import RunTimeFile, announced, sole_run_time
from local_runtime.supervisor import Supervisor
from local_runtime.token_bucket import TokenBucket
from tests.unit.local_runtime.fakes import eventually


class LoopOf:
    """A loop whose rounds a test writes; it ends when it is told to."""

    def __init__(self, rounds: Callable[[int], None] = lambda _: None) -> None:
        self.starts = 0
        self._rounds = rounds
        self._woken = threading.Event()

    def run(self, stop: threading.Event) -> None:
        self.starts += 1
        self._rounds(self.starts)
        self._woken.wait(10)

    def wake(self) -> None:
        self._woken.set()


def test_a_loop_that_fails_is_started_again_and_shown_while_the_others_go_on() -> None:
    def fail_twice(start: int) -> None:
        if start <= 2:
            raise OSError("disk is full")

    failing, sound = LoopOf(fail_twice), LoopOf()
    supervisor = Supervisor({"failing": failing, "sound": sound}, first_wait=0.001)
    supervisor.start()
    eventually(lambda: failing.starts == 3 and sound.starts == 1, "the failing loop goes on")
    assert supervisor.health() == {
        "failing": {"running": True, "restarts": 2, "last_error": "OSError: disk is full"},
        "sound": {"running": True, "restarts": 0, "last_error": None},
    }
    supervisor.ask_to_stop()
    assert supervisor.wait(5) == []


def test_a_loop_that_does_not_end_is_named_after_the_time_is_up() -> None:
    release = threading.Event()

    def hang(_: int) -> None:
        assert release.wait(10)

    supervisor = Supervisor({"hanging": LoopOf(hang), "sound": LoopOf()})
    supervisor.start()
    supervisor.ask_to_stop()
    assert supervisor.wait(0.05) == ["hanging"]
    release.set()
    assert supervisor.wait(5) == []


def test_an_alarm_is_raised_above_its_threshold_and_each_change_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    values = {"work": 3.0, "": 5.0}
    declared = [
        Alarm(name="one", metric="dead-letters", resource="work", threshold=3),
        Alarm(name="all", metric="dead-letters", threshold=4),
    ]
    alarms = Alarms(declared, {"dead-letters": values.__getitem__})
    with caplog.at_level(logging.WARNING):
        alarms.look()
        assert alarms.raised() == {"all": 5.0}
        values["work"] = 4.0
        alarms.look()
        alarms.look()
        assert alarms.raised() == {"all": 5.0, "one": 4.0}
        values["work"] = values[""] = 0.0
        alarms.look()
        assert alarms.raised() == {}
    assert [record.message for record in caplog.records] == ["alarm", "alarm", "alarm is over", "alarm is over"]


def test_requests_pass_up_to_the_burst_and_then_at_the_rate() -> None:
    now = [0.0]
    bucket = TokenBucket(rate_per_second=2, burst=3, seconds=lambda: now[0])
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 0.5]
    now[0] = 0.5
    assert [bucket.take() for _ in range(2)] == [0, 0.5]
    now[0] = 100
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_token_is_verified_by_the_published_key_and_says_who_may_what(tmp_path: Path) -> None:
    published = issuer.ensure(tmp_path / "issuer", issuer="https://orders.local", audience="orders")
    token = issuer.mint(tmp_path / "issuer", tenant="demo", scope="orders:read", minutes=5)
    keys = jwt.PyJWKSet.from_json(published.read_text())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["ES256"], issuer="https://orders.local", audience="orders")
    assert (claims["tenant"], claims["scope"], claims["exp"] - claims["iat"]) == ("demo", "orders:read", 300)


def test_the_key_pair_is_made_once_and_only_its_owner_can_read_the_private_half(tmp_path: Path) -> None:
    folder = tmp_path / "issuer"
    first = issuer.ensure(folder, issuer="a", audience="b").read_bytes()
    assert issuer.ensure(folder, issuer="other", audience="b").read_bytes() == first
    assert json.loads((folder / "issuer.json").read_bytes()) == {"audience": "b", "issuer": "other"}
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {"issuer": 0o700, "private.pem": 0o600, "jwks.json": 0o644, "issuer.json": 0o644}


def test_a_token_is_printed_for_whoever_may_read_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    issuer.ensure(Home(tmp_path).issuer, issuer="a", audience="b")
    assert issuer.main(["--home", str(tmp_path), "--tenant", "demo", "--minutes", "1"]) == 0
    claims = jwt.decode(capsys.readouterr().out.strip(), options={"verify_signature": False})
    assert claims["scope"] == "orders:read orders:write"


@pytest.mark.parametrize(("minutes", "line"), [("0", "minutes is 0; allowed"), ("60", "there is no issuer in")])
def test_a_token_that_cannot_be_made_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], minutes: str, line: str
) -> None:
    assert issuer.main(["--home", str(tmp_path), "--tenant", "demo", "--minutes", minutes]) == 2
    printed = capsys.readouterr().err
    assert line in printed
    assert printed.count("\n") == 1


ABOUT = RunTimeFile(pid=1, instance="abc", url="http://127.0.0.1:1", started_at="2026-11-23T00:00:00Z")


def test_a_home_has_one_run_time_and_the_next_one_once_it_is_gone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with sole_run_time(home), pytest.raises(AlreadyRunningError, match=f"as pid {os.getpid()}"), sole_run_time(home):
        pass
    with sole_run_time(home):
        pass


def test_a_mere_look_at_the_lock_does_not_keep_a_run_time_from_starting(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock.open("w") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        release = threading.Timer(0.1, fcntl.flock, (looking, fcntl.LOCK_UN))
        release.start()
        with sole_run_time(home):
            pass
        release.join()


def test_what_a_killed_run_time_announced_is_withdrawn_by_its_successor(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.run_time.write_text("{}")
    with sole_run_time(home):
        assert not home.run_time.exists()


def test_a_run_time_is_announced_whole_while_it_serves_and_not_a_moment_longer(tmp_path: Path) -> None:
    path = Home(tmp_path).run_time
    with suppress(RunTimeError), announced(path, ABOUT):
        assert json.loads(path.read_text())["instance"] == "abc"
        raise RunTimeError("a failure ends the announcement too")
    assert list(tmp_path.iterdir()) == []


def test_a_run_time_that_cannot_be_announced_says_why_in_one_line(tmp_path: Path) -> None:
    path = Home(tmp_path / "gone").run_time
    with pytest.raises(RunTimeError, match=r"run-time.json cannot be written \(No such file or directory\): check"):
        announced(path, ABOUT).__enter__()


def test_the_version_is_the_projects() -> None:
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    assert f'version = "{VERSION}"' in project
