"""One client's connection: uvicorn's, with a limit for all that the client could hold open; a refusal is a problem."""

from __future__ import annotations

import asyncio
import secrets
import sys

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from functions.api.problems import INVALID_REQUEST, UNAVAILABLE, ProblemError, ProblemType, problem_response

MAX_CONNECTIONS = 500
MAX_HEAD_BYTES = 32 * 1024
HEAD_PIECE_BYTES = 1024
HEADER_SECONDS = 10.0
"""How long a request's head may take to arrive once the connection is open."""
WRITE_SECONDS = 10.0
"""How long an answer may lie here while the client reads nothing of it."""
HEAD_TOO_LARGE = ProblemType("head-too-large", 431, "The request's head is too large")


class ImpatientProtocol(H11Protocol):
    """uvicorn waits for ever for a request's head and for a client that reads; this ends the connection instead."""

    _arrival: asyncio.TimerHandle | None = None
    _departure: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # so that it is told of every byte that cannot leave
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(_too_many())
            return
        self._watch()

    def data_received(self, data: bytes) -> None:
        while data and not self.transport.is_closing():
            # h11 asks how long a head is only while it lacks the end, so it must not come with it in one piece.
            size = HEAD_PIECE_BYTES if self.conn.their_state is h11.IDLE else len(data)
            super().data_received(data[:size])
            data = data[size:]
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._departure is None:
            self._await_departure()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._departure is not None:
            self._departure.cancel()
            self._departure = None

    def _await_departure(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._departure = self.loop.call_later(WRITE_SECONDS, self._look_again, waiting)

    def _look_again(self, waited: int) -> None:
        """Whoever reads slowly is given time, whoever reads nothing is not."""
        if self.transport.get_write_buffer_size() < waited:
            self._await_departure()
        else:
            self.transport.abort()  # to close it would wait until the last byte has left

    def send_400_response(self, msg: str) -> None:
        """uvicorn calls it while it handles the error that says what was wrong."""
        error = sys.exception()
        is_too_large = isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == HEAD_TOO_LARGE.status
        self._refuse(_too_large() if is_too_large else _unreadable())

    def _refuse(self, problem: ProblemError) -> None:
        """Only close while another answer is under way or done: this one would be read as a part of that."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        identity = secrets.token_hex(16)
        answer = problem_response(problem, identity)
        headers = {
            **answer.headers,
            "Content-Length": str(len(answer.body)),
            "X-Request-Id": identity,
            "Cache-Control": "no-store",
            "Connection": "close",
        }
        events = (
            h11.Response(status_code=answer.status, headers=list(headers.items())),
            h11.Data(data=answer.body),
            h11.EndOfMessage(),
        )
        self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()

    def _watch(self) -> None:
        """The time counts from the first byte (or the connection), however slowly the others follow."""
        if self.conn.their_state is not h11.IDLE:
            self._unwatch()
        elif self._arrival is None:
            self._arrival = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _unwatch(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None


def _unreadable() -> ProblemError:
    return ProblemError(INVALID_REQUEST, "this is not HTTP/1.1 that can be read; see RFC 9112")


def _too_large() -> ProblemError:
    return ProblemError(HEAD_TOO_LARGE, f"a request may have {MAX_HEAD_BYTES} bytes before its body; send less")


def _too_many() -> ProblemError:
    return ProblemError(UNAVAILABLE, "too many connections are open; try again", headers={"Retry-After": "1"})
