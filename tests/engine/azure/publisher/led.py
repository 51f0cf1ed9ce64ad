"""Connections that go to one server on this machine, whatever host they are for; it is told which one that is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import urllib3


class Led(urllib3.PoolManager):
    """In the clear, though the client was told of https: it sends a token nowhere else."""

    def __init__(self, server: str) -> None:
        super().__init__(retries=False)
        self._server = server

    def urlopen(self, method: str, url: str, redirect: bool = True, **options: Any) -> Any:  # type: ignore[override]  # noqa: ANN401 as it is declared
        asked = urlsplit(url)
        headers = {**(options.pop("headers", None) or {}), "Host": asked.hostname or ""}
        led = f"{self._server}{asked.path}" + (f"?{asked.query}" if asked.query else "")
        return super().urlopen(method, led, redirect, headers=headers, **options)
