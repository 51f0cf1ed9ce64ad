"""A server that is started to answer one request."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection

START_SECONDS = 60
END_SECONDS = 10
LOOKS_AGAIN_AFTER_SECONDS = 0.005
OK = 200


class UnansweredError(Exception):
    """The server did not answer as it should, or did not end: what it took is no figure."""


def answered(command: Sequence[str], variables: Mapping[str, str], path: str) -> float:
    """When, on the clock of time.perf_counter, GET of the path was answered with a 200; the server has ended since."""
    port = _free_port()
    server = subprocess.Popen(
        command, env={**variables, "PORT": str(port)}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_for(server, port)
        status, at = _asked(port, path), time.perf_counter()
    except BaseException:
        _kill(server)
        raise
    _end(server)
    if status != OK:
        raise UnansweredError(f"GET {path} was answered with {status}")
    return at


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None:
        if time.monotonic() > deadline:
            raise UnansweredError(f"nobody listens at {port} after {START_SECONDS} s")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(LOOKS_AGAIN_AFTER_SECONDS)
    raise UnansweredError(f"the server has ended with {server.returncode} before it listened")


def _asked(port: int, path: str) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def _end(server: subprocess.Popen[bytes]) -> None:
    """Its workers are of the same group; what they used is counted only if their parent has waited for them."""
    server.terminate()
    try:
        server.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(server)
        raise UnansweredError(f"the server had to be killed after {END_SECONDS} s") from None


def _kill(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
