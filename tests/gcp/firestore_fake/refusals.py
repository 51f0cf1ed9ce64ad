"""How Firestore says no."""

from __future__ import annotations

import grpc


class RefusedError(Exception):
    """A status of gRPC, to be answered by whoever serves the call."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


def invalid(message: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, message)


def unimplemented(what: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.UNIMPLEMENTED, f"this fake of Firestore does not know {what}")
