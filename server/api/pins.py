"""Signing PINs (X-07): verifiers that a tablet checks offline, setting a PIN, enrolment by the office."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint

from schemas.access import ENROLS_PINS
from schemas.messages.people import PinCodeAnswer, PinPeopleAnswer, PinPerson, PinsAnswer, PinSetRequest
from server.api.bodies import answer, read_message
from server.api.identity import actor, holder, may_read
from server.api.limits import (
    GUESSES_BY_ADDRESS,
    GUESSES_BY_NAME_AND_ADDRESS,
    limiter,
    person_and_address,
    was_unproven,
)
from server.api.pin_desk import PinDesk
from server.api.services import services
from server.failures import Failure

DESK = "pin_desk"

blueprint = Blueprint("pins", __name__, url_prefix="/pins", description="Signing PINs")


@blueprint.get("/<space>")
@blueprint.response(200, PinsAnswer)
def verifiers(space: str) -> Response:
    """Of the people of the teams and items that this user is in charge of today, and his own. Version 0
    without a verifier: no PIN is set."""
    return answer({"people": _desk().verifiers(space, may_read(space).user)})


@blueprint.post("/<space>/<person>")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PinSetRequest"}}},
        "description": "The new PIN, and either `code` or `old_pin`.",
    }
)
@blueprint.response(204)
@limiter.limit(GUESSES_BY_ADDRESS, deduct_when=was_unproven)
@limiter.limit(GUESSES_BY_NAME_AND_ADDRESS, key_func=person_and_address, deduct_when=was_unproven)
def set_pin(space: str, person: str) -> Response:
    """Set somebody's PIN, on whatever device he stands at: a code of the office or the PIN before proves him.
    403 `pin_not_proven`: wrong, or nobody known; 423 `pin_locked`: five times wrong."""
    identity = may_read(space)
    wanted = read_message(PinSetRequest)
    if (wanted.get("code") is None) == (wanted.get("old_pin") is None):
        raise Failure("invalid", {"fields": {"code": ["either a code or the old PIN"]}})
    _desk().set(space, person, wanted, actor(identity))
    return Response(status=204)


@blueprint.get("/<space>/people")
@blueprint.response(200, PinPeopleAnswer)
def people(space: str) -> Response:
    """Everybody who works here, with the state of his PIN, for whoever enrols."""
    holder(space, ENROLS_PINS)
    return answer({"people": _desk().people(space)})


@blueprint.post("/<space>/<person>/code")
@blueprint.response(200, PinCodeAnswer)
def make_code(space: str, person: str) -> Response:
    """A one-time code of eight digits, valid for 24 hours and shown this once; earlier ones stop to count."""
    return answer(_desk().enrol(space, person, actor(holder(space, ENROLS_PINS))))


@blueprint.post("/<space>/<person>/unlock")
@blueprint.response(200, PinPerson)
def unlock(space: str, person: str) -> Response:
    """Lift the lock of a PIN, here and, by its new version, on every tablet."""
    return answer(_desk().unlock(space, person, actor(holder(space, ENROLS_PINS))))


def _desk() -> PinDesk:
    found: PinDesk = services().parts[DESK]
    return found
