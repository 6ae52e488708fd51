"""Signatures with what proves them (`protocol.md` section 8, X-07)."""

from __future__ import annotations

import re

from flask import Response, request
from flask_smorest import Blueprint

from schemas.fields import UUID_PATTERN
from schemas.messages.signatures import SealKeyAnswer, SignatureAnswer, SignatureList
from server.api.bodies import answer
from server.api.identity import current, may_read
from server.api.services import services
from server.api.signature_answers import SignatureDesk
from server.failures import Failure

SIGNATURES = "signature_desk"

blueprint = Blueprint("signatures", __name__, description="Signatures with what proves them")


@blueprint.get("/seal-key")
@blueprint.response(200, SealKeyAnswer)
def seal_key() -> Response:
    """The public half of the key with which this server seals. Keep a copy where this server cannot reach."""
    current()
    return answer(_desk().seal_key())


@blueprint.get("/signatures/<space>")
@blueprint.doc(
    parameters=[
        {"in": "query", "name": "finding", "required": True, "schema": {"type": "string"},
         "description": "Only signatures that name this finding"},
    ]
)  # fmt: skip
@blueprint.response(200, SignatureList)
def signatures(space: str) -> Response:
    """The signatures of a finding that one may read, newest first; of an unreadable finding: 404."""
    identity = may_read(space)
    finding = request.args.get("finding", "")
    if not re.fullmatch(UUID_PATTERN, finding):
        raise Failure("invalid", {"fields": {"finding": ["not an id"]}})
    return answer(_desk().page(identity, space, finding))


@blueprint.get("/signatures/<space>/<ident>")
@blueprint.response(200, SignatureAnswer)
def signature(space: str, ident: str) -> Response:
    """Everything that proves a signature. What is unknown or not to be read looks the same: 404."""
    identity = may_read(space)
    if not re.fullmatch(UUID_PATTERN, ident):
        raise Failure("not_found")
    return answer(_desk().one(identity, space, ident))


def _desk() -> SignatureDesk:
    found: SignatureDesk = services().parts[SIGNATURES]
    return found
