"""What an app's deployment site answers, and what each answer means for who waits.

A package that was taken is answered with 202 and a deployment's id; only its status, asked for later, says whether the
app runs it. The numbers are those that azd (cli/azd/pkg/azsdk/funcapp_host_client.go in Azure/azure-dev) goes by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus

import msgspec

from azure_publisher.errors import NotYetError, PublishError

LONGEST_TEXT = 500
QUERY = re.compile(r"(https?://[^\s?]+)\?\S+")

DEPLOYER = "give whoever runs pulumi the role Website Contributor on the app"
STORAGE = (
    "give the app's identity the role Storage Blob Data Owner on its storage account, which has to be open to public "
    "networks, since the deployment site writes the package there from outside"
)
WAIT = "see in the portal, under the app's Deployment Center, what is at work, and run `pulumi up` again"
SPREADING = re.compile("BlobUploadFailed|InaccessibleStorage|MSITokenUnavailable")
"""In a failure's text: the roles of the app's identity have not reached the storage account."""
PASSING = {
    HTTPStatus.FORBIDDEN: DEPLOYER,
    HTTPStatus.NOT_FOUND: WAIT,  # an app that was made a moment ago has no deployment site yet
    HTTPStatus.REQUEST_TIMEOUT: WAIT,
    HTTPStatus.CONFLICT: WAIT,
    HTTPStatus.TOO_MANY_REQUESTS: WAIT,
}

UNABLE = (HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class Status(IntEnum):
    CANCELLED = -1
    PENDING = 0
    BUILDING = 1
    DEPLOYING = 2
    FAILED = 3
    SUCCESS = 4
    CONFLICT = 5
    PARTIAL_SUCCESS = 6


UNFINISHED = (Status.PENDING, Status.BUILDING, Status.DEPLOYING)


class Deployment(msgspec.Struct):
    status: Status
    id: str | None = None
    status_text: str | None = None

    def is_done(self) -> bool:
        """Raises unless the app runs the package, or still may."""
        if self.status is Status.SUCCESS:
            return True
        if self.status in UNFINISHED:
            return False
        ended, reason = f"the deployment ended as {self.status.name}", self.status_text or "no reason was given"
        if self.status is Status.CONFLICT:
            raise NotYetError(_said(ended, reason), WAIT)
        raise _failure(ended, reason)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""

    @property
    def is_good(self) -> bool:
        return self.status in (HTTPStatus.OK, HTTPStatus.ACCEPTED)

    @property
    def is_passing(self) -> bool:
        """It says that the site cannot answer now, which harms nothing that it works on."""
        return self.status in UNABLE or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace").strip()

    def accepted(self) -> tuple[Deployment, str]:
        """The deployment that a package which was sent has become, and its id.

        One that is not named is an error: the site's newest may still be the one before, which has succeeded.
        """
        if not self.is_good:
            raise self.refusal()
        try:
            said = msgspec.json.decode(self.body, type=str | Deployment) if self.text else ""
        except msgspec.MsgspecError:
            raise _failure(f"it answered {self.status}, and no deployment", self.text) from None
        deployment = Deployment(Status.PENDING, said) if isinstance(said, str) else said
        deployment.is_done()  # raises what failed, which says more than that it has no name
        if not deployment.id:
            raise PublishError(f"it answered {self.status} and named no deployment; {WAIT}")
        return deployment, deployment.id

    def deployment(self) -> Deployment:
        if not self.is_good:
            raise self.refusal()
        try:
            return msgspec.json.decode(self.body, type=Deployment)
        except msgspec.MsgspecError:
            raise _failure(f"it answered {self.status}, and no status", self.text) from None

    def refusal(self) -> NotYetError | PublishError:
        answered, reason = f"it answered {self.status}", self.text or "nothing else"
        said = _said(answered, reason)
        if self.status in PASSING:
            return NotYetError(said, PASSING[HTTPStatus(self.status)])
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return NotYetError(said, WAIT)
        if self.status == HTTPStatus.UNAUTHORIZED:
            return PublishError(
                f"{said}; log in to the app's tenant with `az login --tenant` and run `pulumi up` again"
            )
        return _failure(answered, reason)


def _failure(what: str, reason: str) -> NotYetError | PublishError:
    said = _said(what, reason)
    return NotYetError(said, STORAGE) if SPREADING.search(reason) else PublishError(said)


def _said(what: str, reason: str) -> str:
    """On one line, without the query of any address, which may hold a signature."""
    line = QUERY.sub(r"\1?...", " ".join(reason.split()))
    return f"{what}: {line if len(line) <= LONGEST_TEXT else f'{line[:LONGEST_TEXT]}...'}"
