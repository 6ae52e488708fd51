"""Coverage of the three-working-day rule, and what stands behind it (Q1-4.4j)."""

from __future__ import annotations

import re
from datetime import date, datetime

from flask import Response, request
from flask_smorest import Blueprint

from schemas.fields import DAY_PATTERN, UUID_PATTERN
from schemas.messages.coverage import CoverageAnswer
from schemas.messages.office import CheckAnswer, CoverageHistory, CoverageOverview, UnitHistory
from server.api.bodies import answer
from server.api.coverage_board import CoverageBoard, end_of
from server.api.identity import current, may_read
from server.api.services import services
from server.api.unit_history import UnitHistory as History
from server.failures import Failure

BOARD, HISTORY = "coverage_board", "unit_history"
USUAL_DAYS, MOST_DAYS = 20, 60
USUAL_CHECKS, MOST_CHECKS = 20, 100
YEARS = range(2000, 2200)  # those that a work calendar may be of

blueprint = Blueprint("coverage", __name__, description="Coverage, and the checks behind it")


def _query(name: str, kind: str, description: str) -> dict[str, object]:
    return {"in": "query", "name": name, "schema": {"type": kind}, "description": description}


@blueprint.get("/coverage")
@blueprint.response(200, CoverageOverview)
def overview() -> Response:
    """Every project that this user may read, with the number of units in each state."""
    rows = (_board().project(space) for space in sorted(current().spaces))
    found = [row for row in rows if row is not None]
    return answer({"projects": sorted(found, key=lambda row: str(row["code"]))})


@blueprint.get("/coverage/<space>")
@blueprint.doc(
    parameters=[_query("at", "string", "An instant with offset, or a day (as it ended); now if left out")]
)
@blueprint.response(200, CoverageAnswer)
def coverage(space: str) -> Response:
    """Every unit and post of a space with its state. Headquarters has none."""
    may_read(space)
    return answer(_board().coverage(space, _moment(request.args.get("at", ""))))


@blueprint.get("/coverage/<space>/history")
@blueprint.doc(
    parameters=[_query("days", "integer", f"Working days, {USUAL_DAYS} unless told, at most {MOST_DAYS}")]
)
@blueprint.response(200, CoverageHistory)
def history(space: str) -> Response:
    """How each of the last working days ended."""
    may_read(space)
    return answer(_board().history(space, _number("days", USUAL_DAYS, MOST_DAYS)))


@blueprint.get("/coverage/<space>/units/<unit>")
@blueprint.doc(
    parameters=[
        _query("before", "string", "Only checks older than the one with this id"),
        _query("limit", "integer", f"Checks, {USUAL_CHECKS} unless told, at most {MOST_CHECKS}"),
    ]
)
@blueprint.response(200, UnitHistory)
def unit(space: str, unit: str) -> Response:
    """A unit with its inspector, his devices, its breaches and its checks, the newest first."""
    audiences = may_read(space).audiences(space)
    before = request.args.get("before") or None
    if before is not None and not re.fullmatch(UUID_PATTERN, before):
        raise Failure("invalid", {"fields": {"before": ["not an id"]}})
    limit = _number("limit", USUAL_CHECKS, MOST_CHECKS)
    return answer(_history().unit(space, unit, before, limit, audiences))


@blueprint.get("/checks/<space>/<check>")
@blueprint.response(200, CheckAnswer)
def check(space: str, check: str) -> Response:
    """One check whole: results, findings, photos, and what it is worth for coverage."""
    audiences = may_read(space).audiences(space)
    return answer(_history().check(space, check, audiences))


def _board() -> CoverageBoard:
    found: CoverageBoard = services().parts[BOARD]
    return found


def _history() -> History:
    found: History = services().parts[HISTORY]
    return found


def _moment(text: str) -> datetime | None:
    """An instant, or the end of a day (of today: now).

    Raises:
        Failure: ``invalid``
    """
    if not text:
        return None
    try:
        if re.fullmatch(DAY_PATTERN, text):
            moment, now = end_of(date.fromisoformat(text)), services().clock.now()
            moment = now if now.date() == moment.date() else moment
        else:  # a plus sign that was not escaped arrives as a space
            moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Failure("invalid", {"fields": {"at": ["not an instant or a day"]}}) from error
    if moment.tzinfo is None or moment.year not in YEARS:
        raise Failure("invalid", {"fields": {"at": ["without an offset, or in no year of ours"]}})
    return moment


def _number(name: str, usual: int, most: int) -> int:
    """A whole number from 1 to ``most``.

    Raises:
        Failure: ``invalid``
    """
    text = request.args.get(name, "")
    if not text:
        return usual
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise Failure("invalid", {"fields": {name: [f"not a number from 1 to {most}"]}})
    return int(text)
