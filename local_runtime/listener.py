"""uvicorn on loopback, in a thread of its own, with a limit for everything that a peer could otherwise hold open."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
import time
from typing import Any

import uvicorn

from local_runtime.connection import MAX_HEAD_BYTES, ImpatientProtocol
from local_runtime.errors import PortTakenError, RunTimeError

LOOPBACK = "127.0.0.1"
IDLE_SECONDS = 15
START_SECONDS = 10.0
STOP_SECONDS = 5
"""How long requests in hand may take when the run time stops."""


def bind(port: int) -> socket.socket:
    """Take the port (0: a free one) on loopback; raises PortTakenError when somebody else has it."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Connections of a run time that was just stopped linger for a minute; they are no reason to refuse the port.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        listening.close()
        if error.errno != errno.EADDRINUSE:
            raise RunTimeError(f"port {port} of {LOOPBACK} cannot be used: {error.strerror}; choose another") from None
        raise PortTakenError(port) from None
    return listening


class Listener:
    """Serves an ASGI application on a bound socket until it is stopped."""

    def __init__(self, application: Any, listening: socket.socket) -> None:  # noqa: ANN401 -- ASGI has no type
        self.port: int = listening.getsockname()[1]
        self._socket = listening
        self._server = uvicorn.Server(_config(application))
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Returns once connections are accepted."""
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RunTimeError("the HTTP server did not start: see the log")
            time.sleep(0.005)

    def stop(self) -> None:
        """Accept nothing more, and let the requests in hand be answered for a few seconds."""
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS + 2)
        self._socket.close()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


def _config(application: Any) -> uvicorn.Config:  # noqa: ANN401
    return uvicorn.Config(
        application,
        http=ImpatientProtocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=256,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
    )
