"""An app's deployment site: takes packages, and says what became of them."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event

import urllib3
from urllib3.exceptions import HTTPError, NameResolutionError

from azure_publisher.answers import WAIT, Answer
from azure_publisher.credential import Tokens
from azure_publisher.errors import NotYetError, PublishError
from azure_publisher.package import Package
from azure_publisher.patience import Pace, Patience

TIMEOUT = urllib3.Timeout(connect=30, read=5 * 60)
NO_SUCH_APP = "Web Site not found"
"""On the page by which Azure answers for an app that is not there; a site's own 404 says nothing of the app."""


@dataclass(frozen=True)
class Sites:
    """Reaches each app's, with the connections and the login that they share."""

    tokens: Tokens
    cancelled: Event
    pace: Pace = field(default_factory=Pace)
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(timeout=TIMEOUT, retries=False))

    def publish(self, package: Package) -> str:
        """Returns the deployment's id once the app runs the package; otherwise PublishError says why it does not."""
        content, patience = package.content(), Patience(self.pace, self.cancelled)
        try:
            while True:
                try:
                    return self._publish_once(package, content, patience)
                except NotYetError as refused:
                    patience.pause(self.pace.between_tries, str(refused), refused.remedy)
        except PublishError as error:
            raise PublishError(f"{package.app} did not take its package: {error}") from None

    def exists(self, address: str) -> bool:
        try:
            answer = self.http.request("GET", address, redirect=False)
        except HTTPError as error:
            if _is_unknown_name(error):
                return False
            raise PublishError(f"{address} does not answer ({error}): try again when it can be reached") from None
        return not (answer.status == HTTPStatus.NOT_FOUND and NO_SUCH_APP.encode() in answer.data)

    def _publish_once(self, package: Package, content: bytes, patience: Patience) -> str:
        accepted, its_id = self._ask(package, "POST", "/api/publish?RemoteBuild=false", content).accepted()
        last = accepted
        while not last.is_done():
            patience.pause(self.pace.between_looks, f"its deployment is {last.status.name}", WAIT)
            answer = self._look(package, f"/api/deployments/{its_id}")
            if answer is None or answer.is_passing:
                continue
            if answer.status == HTTPStatus.NOT_FOUND:
                if last is accepted:
                    continue  # it is not known at once
                break  # what worked on it is gone, and goes when it has ended: azd takes it so too
            last = answer.deployment()
        return its_id

    def _look(self, package: Package, path: str) -> Answer | None:
        """None if the site did not answer."""
        try:
            return self._ask(package, "GET", path)
        except NotYetError:
            return None

    def _ask(self, package: Package, method: str, path: str, content: bytes | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.tokens.of(package.tenant)}", "Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/zip"
        try:
            answer = self.http.request(method, package.address + path, body=content, headers=headers, redirect=False)
        except HTTPError as error:
            raise NotYetError(f"{package.address} does not answer ({type(error).__name__})", WAIT) from None
        return Answer(answer.status, answer.data)


def _is_unknown_name(error: HTTPError) -> bool:
    """An app's name goes with it; a machine without a network knows no name either, and says so otherwise."""
    cause = error.__cause__
    return (
        isinstance(error, NameResolutionError)
        and isinstance(cause, socket.gaierror)
        and cause.errno == socket.EAI_NONAME
    )
