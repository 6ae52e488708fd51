"""Deciding conflicts at the desk (`protocol.md` section 2, requirements X-05, X-06)."""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint

from schemas.messages.conflicts import CONFLICT_STATES, ConflictAnswer, ConflictList, ResolveRequest
from schemas.messages.push import MOST_COMMIT_BYTES, Result
from server.api.bodies import answer, read_message
from server.api.conflict_answers import ConflictDesk, may_decide
from server.api.identity import current
from server.api.services import services
from server.failures import Failure, RefusedDecision
from sync.resolve import Refused, Stale

CONFLICTS = "conflict_desk"
USUAL_ROWS, MOST_ROWS = 200, 1000

blueprint = Blueprint("conflicts", __name__, url_prefix="/conflicts", description="Deciding conflicts")


def _query(name: str, kind: str, description: str) -> dict[str, object]:
    return {"in": "query", "name": name, "schema": {"type": kind}, "description": description}


@blueprint.get("")
@blueprint.doc(
    parameters=[
        _query("space", "string", "Only this space; every readable one if left out"),
        _query("state", "string", "`open`, unless told, or `resolved`"),
        _query("limit", "integer", f"Rows, {USUAL_ROWS} unless told, at most {MOST_ROWS}"),
    ]
)
@blueprint.response(200, ConflictList)
def conflicts() -> Response:
    """Conflicts of the spaces that this user reads, and how much waits where he reviews."""
    identity = current()
    state = request.args.get("state") or CONFLICT_STATES[0]
    if state not in CONFLICT_STATES:
        raise Failure("invalid", {"fields": {"state": ["not a state of a conflict"]}})
    return answer(_desk().page(identity, request.args.get("space") or None, state, _limit()))


@blueprint.get("/<ident>")
@blueprint.response(200, ConflictAnswer)
def conflict(ident: str) -> Response:
    """Everything that a decision needs. Unknown and unreadable look the same: 404."""
    return answer(_desk().one(current(), ident))


@blueprint.post("/<ident>/resolve")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ResolveRequest"}}},
    }
)
@blueprint.response(200, Result)
def resolve(ident: str) -> Response:
    """Decide. 409 with the present state in `detail` if something came meanwhile or it is decided already;
    422 with the rule that the decision breaks."""
    identity, house = current(), services()
    found = _desk().find(identity, ident)
    if not may_decide(identity, found.space):
        raise Failure("forbidden")
    asked = read_message(ResolveRequest, MOST_COMMIT_BYTES)
    # Judged before any lock is taken, like whatever a device sends.
    problem = house.exchange.shapes.value_problem(*_desk().subject(found), asked["value"])
    if problem is not None:
        raise RefusedDecision(*problem)
    outcome = house.exchange.resolve(found.space, found.id, asked, identity, house.clock.text())
    if isinstance(outcome, Stale):
        raise Failure("conflict", _desk().one(identity, ident))
    if isinstance(outcome, Refused):
        raise RefusedDecision(outcome.problem.code, outcome.problem.detail)
    return answer(outcome)


def _limit() -> int:
    text = request.args.get("limit", "")
    if not text:
        return USUAL_ROWS
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) > 0):
        raise Failure("invalid", {"fields": {"limit": ["not a whole number above 0"]}})
    return min(int(text), MOST_ROWS)


def _desk() -> ConflictDesk:
    found: ConflictDesk = services().parts[CONFLICTS]
    return found
