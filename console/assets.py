"""Scripts and the stylesheet, each under a name that has its digest in it: a browser may keep them for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "assets"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@cache
def addresses() -> Mapping[str, str]:
    """What each file is served as, by its own name."""
    return {
        path.name: f"{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}-{path.name}"
        for path in sorted(FOLDER.iterdir())
        if path.suffix in _TYPES
    }


def asset(request: Request) -> Response:
    """One that is asked for by another digest is another file: it is not there."""
    asked = request.path_params["address"]
    for name, address in addresses().items():
        if address == asked:
            forever = {"Cache-Control": "public, max-age=31536000, immutable"}
            return Response((FOLDER / name).read_bytes(), media_type=_TYPES[Path(name).suffix], headers=forever)
    raise HTTPException(404, "there is no such file: load the page again")
