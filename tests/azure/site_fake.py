"""A FAKE of an app's deployment site, our own: it takes packages, says what became of them, and runs none."""

from __future__ import annotations

from tests.azure.loopback import TOKEN, Loopback
from tests.azure.serving import Answer, Request, answer

OK, ACCEPTED, UNAUTHORIZED, NOT_FOUND, UNSUPPORTED = 200, 202, 401, 404, 415
PENDING, BUILDING, FAILED, SUCCESS, CONFLICT, PARTIAL_SUCCESS, CANCELLED = 0, 1, 3, 4, 5, 6, -1
INACCESSIBLE = (
    "InaccessibleStorageException: Failed to access storage account for deployment: BlobUploadFailedException: "
    "Failed to upload blob to storage account: Response status code does not indicate success: 403 "
    "(This request is not authorized to perform this operation.)."
)
GONE = Answer(status=NOT_FOUND, body=b"<h1>404 Web Site not found.</h1>", headers={"Content-Type": "text/html"})


def deployment(status: int, text: str = "", **more: object) -> Answer:
    return answer(OK, {"status": status, "status_text": text, "complete": status > BUILDING, **more})


class SiteFake(Loopback):
    """Entered, it serves on a free port of this machine; `taken` are the packages that it has begun to deploy."""

    def __init__(self) -> None:
        super().__init__(self._site)
        self.taken: list[bytes] = []
        self.publish_answers: list[Answer | None] = []
        """What the next packages are answered with in the place of being taken; None: the line is cut."""
        self.looks: list[Answer | None] = []
        """What the next looks at a deployment are answered with; afterwards, and without any, it has succeeded."""
        self.is_gone = False

    @property
    def looked_at(self) -> list[str]:
        return [request.path for request in self.asked if request.path.startswith("/api/deployments")]

    def has_gone(self, request: Request) -> bool:
        """Whether there is no such app."""
        return self.is_gone

    def take(self, request: Request) -> str:
        """The id of the deployment that a package becomes."""
        self.taken.append(request.body)
        return f"deployment-{len(self.taken)}"

    def _site(self, request: Request) -> Answer | None:
        if self.has_gone(request):
            return GONE
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return answer(UNAUTHORIZED)
        if (request.method, request.path) == ("POST", "/api/publish"):
            return self._publish(request)
        if (request.method, request.segments[:2]) == ("GET", ["api", "deployments"]):
            return self.looks.pop(0) if self.looks else deployment(SUCCESS, id=request.segments[2])
        return answer(NOT_FOUND)

    def _publish(self, request: Request) -> Answer | None:
        if self.publish_answers:
            return self.publish_answers.pop(0)
        if (request.headers.get("content-type"), request.query) != ("application/zip", {"RemoteBuild": ["false"]}):
            return answer(UNSUPPORTED)
        return answer(ACCEPTED, self.take(request))
