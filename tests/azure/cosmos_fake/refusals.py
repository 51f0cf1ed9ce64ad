"""How Cosmos DB says no."""

from __future__ import annotations

BAD_REQUEST, NOT_FOUND, CONFLICT, PRECONDITION_FAILED, TOO_LARGE = 400, 404, 409, 412, 413
NOT_IMPLEMENTED = 501
CROSS_PARTITION = 1004
"""The sub-status of a query that the client itself has to put together from the partitions."""


class RefusedError(Exception):
    """A status of HTTP, to be answered by whoever serves the call."""

    def __init__(self, status: int, message: str, *, substatus: int = 0) -> None:
        super().__init__(message)
        self.status, self.substatus = status, substatus


def invalid(message: str) -> RefusedError:
    return RefusedError(BAD_REQUEST, message)


def unimplemented(what: str) -> RefusedError:
    return RefusedError(NOT_IMPLEMENTED, f"this fake of Cosmos DB does not know {what}")
