"""What could not be applied: looking at it, trying it again, giving it up (`protocol.md` section 2)."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema

from schemas.access import REVIEWS_PARKED
from schemas.fields import Anything, Code, Id, Instant, Many, Struct, Text, Whole
from schemas.messages.push import Reason, Result
from server.api.bodies import answer, read_message
from server.api.identity import current
from server.api.services import services
from server.exchange import Identity
from server.failures import Failure

blueprint = Blueprint("parked", __name__, url_prefix="/parked", description="Commits that were not applied")


class ParkedCommit(Schema):
    """A commit as it was received, with why it was not applied and what it waits for."""

    id = Id(required=True)
    space = Text(required=True)
    user = Id(required=True)
    device = Text(required=True)
    n = Whole()
    commit = Anything(required=True)
    reason = Struct(Reason, required=True)
    waits_for = Many(Text(), required=True)
    arrived_at = Instant(required=True)
    state = Code(("parked", "accepted", "discarded"), required=True)


class ParkedAnswer(Schema):
    """`GET /parked`."""

    parked = Many(Struct(ParkedCommit), required=True)


class DiscardRequest(Schema):
    """`POST /parked/{id}/discard`."""

    class Meta:
        unknown = RAISE

    reason = Text(required=True, least=1, most=1000)


@blueprint.get("")
@blueprint.response(200, ParkedAnswer)
def parked() -> Response:
    """Own parked commits; whoever reviews a space sees all of it. Oldest first."""
    identity = current()
    return answer({"parked": services().parked.of(identity.user, _reviewed(identity))})


@blueprint.post("/<ident>/retry")
@blueprint.response(200, Result)
def retry(ident: str) -> Response:
    """Judge a parked commit anew, as its author."""
    identity = current()
    found = _open(ident, identity)
    house = services()
    return answer(house.exchange.retry(found, identity, house.clock.text()))


@blueprint.post("/<ident>/discard")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DiscardRequest"}}},
    }
)
@blueprint.response(200, Result)
def discard(ident: str) -> Response:
    """Give a parked commit up for good, with a reason; it stays readable."""
    identity = current()
    reason = read_message(DiscardRequest)["reason"]
    found = _open(ident, identity)
    house = services()
    return answer(house.exchange.discard(found, identity, reason, house.clock.text()))


def _reviewed(identity: Identity) -> list[str]:
    return sorted(space for space, roles in identity.roles.items() if roles.intersection(REVIEWS_PARKED))


def _open(ident: str, identity: Identity) -> dict[str, Any]:
    """A parked commit that this user may decide on; one of somebody else looks as if there were none."""
    found = services().parked.one(ident)
    if found is None or (found["user"] != identity.user and found["space"] not in _reviewed(identity)):
        raise Failure("not_found")
    if found["state"] != "parked":
        raise Failure("conflict", {"state": found["state"]})
    return found
