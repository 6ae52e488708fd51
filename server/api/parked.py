"""What could not be applied: looking at it, trying it again, giving it up (`protocol.md` section 2)."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from schemas.access import REVIEWS_PARKED
from schemas.messages.parked import DiscardRequest, ParkedAnswer
from schemas.messages.push import Result
from server.api.bodies import answer, read_message
from server.api.conflicts import CONFLICTS
from server.api.identity import current
from server.api.parked_answers import parked_answer
from server.api.services import services
from server.exchange import Identity
from server.failures import Failure

blueprint = Blueprint("parked", __name__, url_prefix="/parked", description="Commits that were not applied")


@blueprint.get("")
@blueprint.response(200, ParkedAnswer)
def parked() -> Response:
    """Own parked commits; whoever reviews a space sees all of it. Oldest first."""
    identity = current()
    house = services()
    rows = house.parked.of(identity.user, _reviewed(identity))
    people = house.people.names({row["user"] for row in rows})
    return answer(parked_answer(rows, identity, people, house.parts[CONFLICTS].store))


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
