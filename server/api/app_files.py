"""The built front end: one page for every route of the app, hashed assets, and the service worker."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from flask import Blueprint, Response, send_from_directory

from server.api.services import services
from server.failures import Failure

blueprint = Blueprint("app", __name__)

_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_NOT_OURS = ("api", "socket.io")
_NOT_BUILT = "Rounds (巡岗) is running, but its app is not built yet. Run: make run\n"


# No `defaults=` here: Flask would answer /index.html with a redirect to /, and a redirected answer in the
# cache of the service worker breaks the offline start.
@blueprint.get("/")
def start() -> Response:
    """The page of the app."""
    return _page()


@blueprint.get("/<path:path>")
def file(path: str) -> Response:
    """A file of the build; any other address without an ending is a route of the app."""
    first = path.split("/", 1)[0]
    if first in _NOT_OURS:
        raise Failure("not_found")
    folder = services().app_folder
    if path == "index.html":
        return _page()
    if _is_file(folder, path):
        response = send_from_directory(folder, path)
        response.headers["Cache-Control"] = _FOREVER if first == "assets" else _ASK_AGAIN
        if path == "service-worker.js":
            response.headers["Service-Worker-Allowed"] = "/"
        return response
    if PurePosixPath(path).suffix or first == "assets":
        raise Failure("not_found")
    return _page()


def _page() -> Response:
    folder = services().app_folder
    if not (folder / "index.html").is_file():
        return Response(_NOT_BUILT, status=503, mimetype="text/plain")
    response = send_from_directory(folder, "index.html")
    response.headers["Cache-Control"] = _ASK_AGAIN
    return response


def _is_file(folder: Path, path: str) -> bool:
    """Whether this is a file below the folder; what leads out of it is none."""
    try:
        found = (folder / path).resolve()
        return found.is_relative_to(folder.resolve()) and found.is_file()
    except (OSError, ValueError):
        return False
