"""The bytes of photos: which are held, the originals, their thumbnails (`protocol.md` section 6)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO, Protocol

from flask import Response, request, send_file
from flask_smorest import Blueprint

from schemas.access import REVIEWS_PARKED
from schemas.kinds.evidence import SHA256_PATTERN
from schemas.messages.blobs import HaveAnswer, HaveRequest
from server.api.bodies import answer, read_message
from server.api.identity import current
from server.api.services import services
from server.evidence.access import Use, allowed
from server.evidence.arrival import Arrivals
from server.evidence.ports import HeldBlob
from server.exchange import Identity
from server.failures import Failure

BLOBS = "blobs"
MOST_HAVE_BYTES = 128 * 1024
FOREVER = 365 * 24 * 3600
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}

blueprint = Blueprint("blobs", __name__, url_prefix="/blobs", description="Photos: their bytes")


class Register(Protocol):
    """What is known about blobs, many at a time."""

    def held_among(self, hashes: Collection[str]) -> Mapping[str, HeldBlob]: ...
    def senders_among(self, hashes: Collection[str]) -> Mapping[str, Collection[str]]: ...
    def uses_among(self, hashes: Collection[str]) -> Mapping[str, Sequence[Use]]: ...


@dataclass(frozen=True)
class BlobDesk:
    """What these endpoints work with."""

    arrivals: Arrivals
    register: Register


@blueprint.post("/have")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HaveRequest"}}},
    }
)
@blueprint.response(200, HaveAnswer)
def have() -> Response:
    """Which of these blobs are held, hashed by the server itself; silent about what one may not have."""
    identity = current(quarantined_too=True)
    asked = list(dict.fromkeys(read_message(HaveRequest, MOST_HAVE_BYTES)["sha256"]))
    held = _desk().register.held_among(asked)
    mine = _allowed(identity, held)
    return answer({"held": [sha256 for sha256 in asked if sha256 in mine]})


@blueprint.get("/<sha256>")
@blueprint.doc(
    parameters=[
        {"in": "query", "name": "size", "schema": {"type": "string", "enum": ["thumb"]},
         "description": "`thumb`: a JPEG of at most 320 pixels, without metadata"},
    ],
    responses={"200": {"description": "The bytes as they were sent", "content": {"image/*": {}}},
               "304": {"description": "As the ETag says"}},
)  # fmt: skip
def blob(sha256: str) -> Response:
    """The bytes of a photo. What is unknown, not here yet or not to be read looks the same: 404."""
    size = request.args.get("size")
    if size not in (None, "thumb"):
        raise Failure("invalid", {"fields": {"size": ["not thumb"]}})
    identity = current()
    known = _desk().register.held_among([sha256]) if re.fullmatch(SHA256_PATTERN, sha256) else {}
    if sha256 not in _allowed(identity, known):
        raise Failure("not_found")
    if size is None:
        return _original(sha256, known[sha256].mime)
    return _thumb(sha256)


def _original(sha256: str, mime: str) -> Response:
    file = _desk().arrivals.blobs.open(sha256)
    return _send(file, mime, f"{sha256[:16]}.{ENDINGS[mime]}", sha256)


def _thumb(sha256: str) -> Response:
    file = _desk().arrivals.thumb(sha256)
    return _send(file, "image/jpeg", f"{sha256[:16]}-thumb.jpg", f"{sha256}-thumb")


def _send(file: BinaryIO | None, mime: str, name: str, etag: str) -> Response:
    """Bytes that somebody sent us: for this reader's cache only, and nothing for a browser to run."""
    if file is None:
        raise Failure("not_found")
    response = send_file(file, mime, download_name=name, etag=etag, conditional=True)
    if response.status_code == 200:
        response.content_length = file.seek(0, SEEK_END)
        file.seek(0)
    if response.status_code == 304 or request.method == "HEAD":
        file.close()  # nobody will read it to its end
    response.cache_control.private = True
    response.cache_control.no_cache = None
    response.cache_control.max_age = FOREVER
    response.cache_control.immutable = True
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _allowed(identity: Identity, hashes: Collection[str]) -> set[str]:
    desk, rights = _desk(), services().rights

    def may_read(person: str, use: Use) -> bool:
        # Whoever may only hand in learns of nothing but what he sent himself.
        if identity.quarantined and person == identity.user:
            return False
        standing = rights.of(person)
        if use.parked:
            # Whoever reviews parked commits sees their photos, too.
            return not standing.roles.get(use.space, frozenset()).isdisjoint(REVIEWS_PARKED)
        return not standing.audiences(use.space).isdisjoint(use.audience)

    senders, uses = desk.register.senders_among(hashes), desk.register.uses_among(hashes)
    return allowed(identity.user, hashes, senders, uses, may_read)


def _desk() -> BlobDesk:
    found: BlobDesk = services().parts[BLOBS]
    return found
