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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
