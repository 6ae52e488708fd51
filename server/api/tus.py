"""Uploads that go on where they broke off: tus 1.0 (`protocol.md` section 2)."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date

from server.api.identity import current
from server.api.services import services
from server.evidence.tus import ALGORITHMS, EXTENSIONS, VERSION, Body, Tus
from server.evidence.uploads import Upload
from server.failures import Failure

TUS = "tus"
PART = "application/offset+octet-stream"

blueprint = Blueprint("tus", __name__, url_prefix="/blobs/tus", description="Uploads of photos (tus 1.0)")


def _header(name: str, description: str, required: bool = True) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": required, "schema": {"type": "string"},
            "description": description}  # fmt: skip


RESUMABLE = _header("Tus-Resumable", "1.0.0")
OFFSET = _header("Upload-Offset", "Where the part begins: what the server last said")
CHECKSUM = _header("Upload-Checksum", "`sha1` or `sha256`, a space, and base64 of the part's digest", False)
LENGTH = _header("Upload-Length", "Bytes of the whole")
METADATA = _header("Upload-Metadata", "`sha256` (hex) and `mime` of the whole, each as base64")


@blueprint.before_request
def _judge_version() -> None:
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
        raise Failure("tus_version", headers={"Tus-Version": VERSION})


@blueprint.after_request
def _tell_version(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@blueprint.route("")
class NewUpload(MethodView):
    """Where uploads begin."""

    @blueprint.response(204)
    def options(self) -> Response:
        """What this server can do."""
        return _empty(204, {
            "Tus-Version": VERSION,
            "Tus-Extension": ",".join(EXTENSIONS),
            "Tus-Max-Size": str(_tus().most_bytes),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        })  # fmt: skip

    @blueprint.doc(parameters=[RESUMABLE, LENGTH, METADATA])
    @blueprint.response(201)
    def post(self) -> Response:
        """Begin an upload; `Location` says where its parts go."""
        user = current(quarantined_too=True).user
        upload = _tus().create(
            user, request.headers.get("Upload-Length"), request.headers.get("Upload-Metadata")
        )
        return _empty(201, {"Location": url_for("tus.OneUpload", id=upload.id), **_expiry(upload)})


@blueprint.route("/<id>")
class OneUpload(MethodView):
    """One upload of its creator; for anybody else it does not exist."""

    @blueprint.doc(parameters=[RESUMABLE])
    @blueprint.response(200)
    def head(self, id: str) -> Response:
        """How much of it is here, flushed to the disk."""
        upload, offset = _tus().look(current(quarantined_too=True).user, id)
        lengths = {"Upload-Offset": str(offset), "Upload-Length": str(upload.length)}
        return _empty(200, {**lengths, "Upload-Metadata": upload.metadata, **_expiry(upload)})

    @blueprint.doc(
        parameters=[RESUMABLE, OFFSET, CHECKSUM],
        requestBody={"required": True, "content": {PART: {"schema": {"type": "string", "format": "binary"}}}},
    )
    @blueprint.response(204)
    def patch(self, id: str) -> Response:
        """Send a part. With the last one the whole is hashed and examined: 422 says why it was refused."""
        user = current(quarantined_too=True).user
        if request.mimetype != PART:
            raise Failure("upload_type", {"content_type": PART})
        given = request.headers
        body = Body(_read, request.content_length)
        upload, offset = _tus().receive(
            user, id, given.get("Upload-Offset"), given.get("Upload-Checksum"), body
        )
        return _empty(204, {"Upload-Offset": str(offset), **_expiry(upload)})

    @blueprint.doc(parameters=[RESUMABLE])
    @blueprint.response(204)
    def delete(self, id: str) -> Response:
        """End an upload that is no longer wanted."""
        _tus().drop(current(quarantined_too=True).user, id)
        return _empty(204, {})

    @blueprint.doc(parameters=[RESUMABLE, _header("X-HTTP-Method-Override", "`PATCH`, `DELETE` or `HEAD`")])
    @blueprint.response(204)
    def post(self, id: str) -> Response:
        """The same for clients that can send nothing but POST."""
        wanted = request.headers.get("X-HTTP-Method-Override", "")
        if wanted not in ("PATCH", "DELETE", "HEAD"):
            raise Failure("method_not_allowed")
        answer: Response = {"PATCH": self.patch, "DELETE": self.delete, "HEAD": self.head}[wanted](id)
        return answer


def _read(most: int) -> bytes:
    """What arrives; nothing any more once the connection is broken."""
    try:
        return request.stream.read(most)
    except (OSError, ClientDisconnected):
        return b""


def _empty(status: int, headers: dict[str, str]) -> Response:
    response = Response(status=status, headers=headers)
    response.headers.pop("Content-Type", None)
    return response


def _expiry(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": http_date(upload.expires_at)}


def _tus() -> Tus:
    found: Tus = services().parts[TUS]
    return found
