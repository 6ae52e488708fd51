"""Who works in a space, for pickers of persons."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from schemas.messages.office import StaffAnswer
from server.api.bodies import answer
from server.api.identity import may_read
from server.api.services import services

blueprint = Blueprint("staff", __name__, url_prefix="/staff", description="Who works where")


@blueprint.get("/<space>")
@blueprint.response(200, StaffAnswer)
def staff(space: str) -> Response:
    """Who works here, by team and name: people whose record everybody who reads the space may read."""
    may_read(space)
    found = services().people.staff(space)
    rows = [_row(ident, data, found.teams) for ident, data in found.people.items() if data.get("active")]
    return answer({"people": sorted(rows, key=lambda row: (row.get("team", "~"), row["person"]["name"]))})


def _row(ident: str, data: Any, teams: Any) -> dict[str, Any]:
    team = teams.get(str(data.get("team")), {})
    row = {
        "person": {"id": ident, "name": data["name"]},
        "team": team.get("name"),
        "team_en": team.get("name_en"),
        "title": data.get("title"),
        "title_en": data.get("title_en"),
    }
    return {name: value for name, value in row.items() if value is not None}
