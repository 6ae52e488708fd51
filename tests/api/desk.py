"""Two tablets that may disagree about a finding, and the desk that decides between them."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.api.estate import P029_A1, POST_OF, Tablet, finding_of
from tests.factories import new_id, patch
from tests.house import Client
from tests.people import QINGYANLI

MOMENT = "2026-11-03T10:00:00+08:00"
EVALUATED = {"class": "GEN", "attribution": "personal", "disposition": "correct_by",
             "due_at": "2026-11-06T18:00:00+08:00"}  # fmt: skip
WORKER = "01890000-0000-7000-8000-0000000000a1"
PRESENT = {"state": "evaluated", "present": "present"}


class Finding:
    """A finding of 何桂兰 at 1号楼大堂及轿厢, and what was said of it since, change by change."""

    def __init__(self, lead: Tablet, audience: list[str] | None = None, **fields: Any) -> None:
        check = lead.check(P029_A1, MOMENT)
        change = finding_of(check, P029_A1, **fields)
        if audience:
            change["audience"] = audience
        change["set"]["unit"], change["set"]["post"] = P029_A1, POST_OF[P029_A1]
        result = lead.save(QINGYANLI, change)
        assert result["status"] == "applied", result
        self.id, self.check, self.change = change["record"], check, change["id"]

    def patch(self, fields: dict[str, Any], base: dict[str, Any], **lists: Any) -> dict[str, Any]:
        """A patch; ``base``: change ids by unit."""
        return patch("finding", self.id, base, fields, **lists)

    def evaluate(self, base: str | None = None, **fields: Any) -> dict[str, Any]:
        """Evaluated; ``base``: of both units, else as it was created."""
        bases = {"evaluation": base, "state": base or self.change}
        return self.patch({**EVALUATED, **PRESENT, **fields}, bases)

    def step(self, state: str, base: str, **fields: Any) -> dict[str, Any]:
        """A step of its life cycle, from the version ``base``."""
        return self.patch({"state": state, **fields}, {"state": base})


def entry(**value: Any) -> dict[str, Any]:
    """An element of a list."""
    return {"id": new_id(), "value": value}


def correction(by: str) -> dict[str, Any]:
    """纠正 of a finding by somebody of the team, recorded by ``by``, who may therefore verify it."""
    return entry(result="已清洗", corrected_by=WORKER, recorded_by=by, corrected_at=MOMENT)


def verification(correction: dict[str, Any], by: str) -> dict[str, Any]:
    """验证 of a correction."""
    return entry(correction=correction["id"], passed=True, verified_by=by, verified_at=MOMENT)


class Desk(Client):
    """曾可, who decides."""

    def conflicts(self, **query: Any) -> list[dict[str, Any]]:
        """The list."""
        answer = self.get("/conflicts", **query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.get_json()["conflicts"]
        return rows

    def conflict(self, ident: str) -> dict[str, Any]:
        """One, whole."""
        answer = self.get(f"/conflicts/{ident}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def on(self, unit: str) -> dict[str, Any]:
        """The one open conflict on a unit, whole."""
        [row] = [row for row in self.conflicts() if row["unit"] == unit]
        return self.conflict(row["id"])

    def decide(self, conflict: dict[str, Any], value: Any, **fields: Any) -> TestResponse:
        """Decide as it was shown."""
        body = {"commit": new_id(), "seen": conflict["seen"], "value": value, "reason": "现场核实"} | fields
        return self.post(f"/conflicts/{conflict['row']['id']}/resolve", json=body)
