"""What the servers have in common that tests start as processes: a port of this machine, and an end with the test."""

from __future__ import annotations

import socket

END_WITH_THE_TEST = """
import os, signal, sys, threading
def end_with_the_test():
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=end_with_the_test, daemon=True).start()
"""
"""A program's beginning; its input ends when the test does, however it does."""


def held_port() -> socket.socket:
    """A port that nobody else gets as long as the socket is open; whoever is handed it has to listen."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held


def free_port() -> int:
    """One that nobody has at this moment: somebody else may, until it is listened at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
