"""A FAKE of Blob Storage, our own, for tests: one upload that creates a blob, and nothing else."""

from __future__ import annotations

from tests.azure.loopback_clients import token_for
from tests.azure.serving import Answer, Request, Serving

CREATED, BAD_REQUEST, FORBIDDEN, CONFLICT = 201, 400, 403, 409
SIGNED = f"Bearer {token_for('https://storage.azure.com/.default')}"
NEEDED = {"x-ms-blob-type": "BlockBlob", "if-none-match": "*"}


class BlobFake(Serving):
    """Entered, it serves one container on a free port of this machine; `blobs` is what was uploaded, by name."""

    def __init__(self, name: str = "archive") -> None:
        self._name = name
        self.blobs: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        """Of a blob's content, by its name."""
        self.statuses: list[int | None] = []
        """What the next uploads are answered with in the place of being done; None: the line is cut."""

    @property
    def container(self) -> str:
        return f"{self.url}/{self._name}"

    def answer_to(self, request: Request) -> Answer | None:
        if self.statuses:
            status = self.statuses.pop(0)
            return None if status is None else _refusal(status, "AFault")
        headers = request.headers
        if headers.get("authorization") != SIGNED or not {"x-ms-date", "x-ms-version"} <= headers.keys():
            return _refusal(FORBIDDEN, "AuthorizationFailure")
        container, *name = request.segments
        if request.method != "PUT" or container != self._name or not NEEDED.items() <= headers.items():
            return _refusal(BAD_REQUEST, "InvalidInput")
        if "/".join(name) in self.blobs:
            return _refusal(CONFLICT, "BlobAlreadyExists")
        self.blobs["/".join(name)], self.types["/".join(name)] = request.body, headers["content-type"]
        return Answer(status=CREATED)


def _refusal(status: int, code: str) -> Answer:
    content = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>".encode()
    return Answer(status=status, body=content, headers={"Content-Type": "application/xml", "x-ms-error-code": code})
