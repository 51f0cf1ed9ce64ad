"""Cloud Run before every function: who may call it, from where, how many at once, and for how long.

It answers as documented at cloud.google.com/run/docs: 404 where the ingress settings keep a caller out, 403 without a
token, 401 for a token that is not Google's or not for the service, 403 for an account without the right, 429 when all
instances are full, 504 after the timeout. What it leaves out: instances that start and end, and that a call waits up to
10 seconds for room before it is turned away, which is at once here and so harsher. A service is one process for as long
as the world is there, which takes as many calls at once as all of the service's instances would.
"""

from __future__ import annotations

import math
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.client import HTTPException
from urllib.parse import urlsplit

from tests.e2e.gcp.world.access import INVOKE, Access
from tests.e2e.gcp.world.identity import Identities
from tests.e2e.world.http import Asked, Headers, Reply, ask
from tests.e2e.world.records import Record, last_part

REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"
"""What stands in a token's last part where Cloud Run has verified it."""
HTML = (("Content-Type", "text/html; charset=UTF-8"),)


class Origin(Enum):
    """Where a call comes from, as ingress settings tell it."""

    INTERNET = "the internet"
    GOOGLE = "a service of Google's in the same project"
    LOAD_BALANCER = "a load balancer"


LET_IN: Mapping[str, frozenset[Origin]] = {
    "ALLOW_ALL": frozenset(Origin),
    "ALLOW_INTERNAL_ONLY": frozenset({Origin.GOOGLE}),
    "ALLOW_INTERNAL_AND_GCLB": frozenset({Origin.GOOGLE, Origin.LOAD_BALANCER}),
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """`function` is the entry point; `account` is empty where nobody had to say who calls."""

    function: str
    origin: Origin
    account: str
    status: int


class Service:
    """A function as Cloud Run has it, and the port of its process."""

    def __init__(self, record: Record, port: int) -> None:
        self.record, self.port = record, port
        config = record["serviceConfig"]
        self._room = threading.BoundedSemaphore(config["maxInstanceRequestConcurrency"] * config["maxInstanceCount"])

    @property
    def name(self) -> str:
        return last_part(self.record["serviceConfig"]["service"])

    @property
    def url(self) -> str:
        return str(self.record["serviceConfig"]["uri"])

    @property
    def function(self) -> str:
        return str(self.record["buildConfig"]["entryPoint"])

    def lets_in(self, origin: Origin) -> bool:
        return origin in LET_IN[self.record["serviceConfig"]["ingressSettings"]]

    def perform(self, asked: Asked, patience: float) -> Reply:
        """TimeoutError where whoever asked has less patience than the service has time."""
        timeout = float(self.record["serviceConfig"]["timeoutSeconds"])
        if not self._room.acquire(blocking=False):
            return _refused(429, "Rate exceeded.")
        try:
            return ask(self.port, asked, seconds=min(timeout, patience))
        except TimeoutError:
            if patience < timeout:
                raise
            return _refused(504, "upstream request timeout")
        except (OSError, HTTPException):
            return _refused(503, "Service Unavailable")
        finally:
            self._room.release()


@dataclass
class CloudRun:
    access: Access
    identities: Identities
    services: dict[str, Service] = field(default_factory=dict)
    """By the host of its address."""
    calls: list[Call] = field(default_factory=list)
    under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, function: Record, port: int) -> None:
        service = Service(function, port)
        self.services[str(urlsplit(service.url).hostname)] = service

    def call(
        self,
        url: str,
        asked: Asked,
        *,
        account: str,
        audience: str,
        origin: Origin = Origin.GOOGLE,
        patience: float = math.inf,
    ) -> Reply:
        """As one of Google's services calls, with a token of the account for the audience.

        TimeoutError where it has not the patience to wait for an answer.
        """
        bearer = ("Authorization", f"Bearer {self.identities.token(account, audience)}")
        authorized = Asked(
            method=asked.method,
            path=asked.path,
            headers=(*asked.without("Authorization"), bearer),
            body=asked.body,
        )
        return self.answer(str(urlsplit(url).hostname), authorized, origin, patience)

    def answer(self, host: str, asked: Asked, origin: Origin, patience: float = math.inf) -> Reply:
        service = self.services.get(host)
        if service is None or not service.lets_in(origin):
            return _refused(404, "Page not found")
        account = self._account(asked, service)
        refusal = self._refusal(asked, service, account)
        with self._noted():
            reply = refusal or service.perform(_on_its_way(asked, service, is_verified=bool(account)), patience)
        self.calls.append(Call(function=service.function, origin=origin, account=account or "", status=reply.status))
        return reply

    def service(self, name: str) -> Service:
        """LookupError if there is none of that name."""
        return next(each for each in self.services.values() if each.name == name)

    def _account(self, asked: Asked, service: Service) -> str | None:
        kind, _, token = asked.header("Authorization").partition(" ")
        return self.identities.account(token, service.url) if kind.lower() == "bearer" else None

    def _refusal(self, asked: Asked, service: Service, account: str | None) -> Reply | None:
        resource = service.record["serviceConfig"]["service"]
        if self.access.allows("", INVOKE, on=resource):
            return None
        if account is None:
            is_asked = bool(asked.header("Authorization"))
            return _refused(401, "The token could not be verified") if is_asked else _refused(403, "Forbidden")
        return None if self.access.allows(account, INVOKE, on=resource) else _refused(403, "Forbidden")

    @contextmanager
    def _noted(self) -> Iterator[None]:
        with self._lock:
            self.under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self.under_way -= 1


def _on_its_way(asked: Asked, service: Service, *, is_verified: bool) -> Asked:
    """What Google writes into a request: whose host it is for, that it came over TLS, and which trace it is of."""
    host = ("Host", str(urlsplit(service.url).hostname))
    headers: Headers = (
        *asked.without("Host", "X-Forwarded-Proto"),
        host,
        ("X-Forwarded-Proto", "https"),
        *(() if asked.header("X-Cloud-Trace-Context") else (("X-Cloud-Trace-Context", f"{uuid.uuid4().hex}/1"),)),
    )
    if is_verified:
        headers = tuple(
            (name, _unsigned(value) if name.lower() == "authorization" else value) for name, value in headers
        )
    return Asked(method=asked.method, path=asked.path, headers=headers, body=asked.body)


def _unsigned(authorization: str) -> str:
    return f"{authorization.rpartition('.')[0]}.{REMOVED}"


def _refused(status: int, text: str) -> Reply:
    return Reply(status=status, headers=HTML, body=f"<html><title>{status} {text}</title></html>".encode())
