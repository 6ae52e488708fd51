"""Push, pull and scope (`protocol.md` section 2)."""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint

from schemas.messages.pull import PullAnswer, ScopeAnswer
from schemas.messages.push import MOST_PUSH_BYTES, PushAnswer
from server.api.bodies import answer, read_body
from server.api.identity import current
from server.api.services import services
from server.failures import Failure

USUAL_PAGE, MOST_PAGE = 1000, 5000

blueprint = Blueprint("sync", __name__, url_prefix="/sync", description="Push, pull and scope")


def _query(name: str, kind: str, description: str) -> dict[str, object]:
    return {"in": "query", "name": name, "schema": {"type": kind}, "description": description}


@blueprint.get("/scope")
@blueprint.response(200, ScopeAnswer)
def scope() -> Response:
    """What this device follows: the spaces that its user may read, with their heads."""
    house = services()
    return answer(house.exchange.scope(current(), house.clock.text()))


@blueprint.post("/<space>/push")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Push"}}},
        "description": "Commits of one device and user, together at most 1 MB; gzip is understood.",
    }
)
@blueprint.response(200, PushAnswer)
def push(space: str) -> Response:
    """Take in commits; an empty push is the heartbeat. What cannot be applied is parked, never refused."""
    house = services()
    identity = current(quarantined_too=True)
    envelope = house.exchange.shapes.envelope(read_body(MOST_PUSH_BYTES))
    return answer(house.exchange.push(space, envelope, identity, house.clock.text()))


@blueprint.get("/<space>/pull")
@blueprint.doc(
    parameters=[
        _query("since", "integer", "Cursor of the device; 0 for everything"),
        _query("epoch", "string", "Epoch of the device's copy; empty at first"),
        _query("at", "string", "Chain hash at the cursor, as the last page said"),
        _query("limit", "integer", f"Records per page, {USUAL_PAGE} unless told, at most {MOST_PAGE}"),
        _query("checksum", "integer", "1: add the checksum to the last page"),
    ]
)
@blueprint.response(200, PullAnswer)
def pull(space: str) -> Response:
    """The newest state of every readable record with a seq after `since`, in seq order. 410: start anew."""
    body = services().exchange.pull(
        space,
        current(),
        since=_number("since", 0, 2**53),
        epoch=request.args.get("epoch", ""),
        at=request.args.get("at", ""),
        limit=max(1, min(_number("limit", USUAL_PAGE, 2**53), MOST_PAGE)),
        checksum=request.args.get("checksum", "") in ("1", "true"),
    )
    return answer(body)


def _number(name: str, usual: int, most: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise Failure("invalid", {"fields": {name: ["not a whole number"]}})
    return int(text)
