"""Names that lead to this machine in a process of a test: addresses stay what they were recorded as."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

look_up = socket.getaddrinfo


def lead_here(names: Mapping[str, int]) -> None:
    """From now on each of these hosts is found at its port of this machine, whatever port is asked for."""

    def found_here(host: Any, port: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 as the standard library has it
        there = ("127.0.0.1", names[host]) if host in names else (host, port)
        return look_up(*there, *rest, **named)

    socket.getaddrinfo = found_here
